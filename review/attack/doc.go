// Package attack is ATT&CK in STIX 2.1: objects, bundles and their codec, and
// the table of what can be edited. It touches no database and is safe for
// concurrent use: everything is a value or a pure function.
package attack
