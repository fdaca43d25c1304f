// Package store opens the database that everything else writes to, SQLite or
// PostgreSQL, and brings its schema up to date.
package store
