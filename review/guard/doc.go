// Package guard finds what must not be shared in a text: addresses, names and
// numbers that point to a machine, a person, a victim or an incident. Only
// behaviour belongs into a taxonomy.
package guard
