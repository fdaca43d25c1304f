package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/schema"
)

// What is written with every message goes past gorm, which takes longer to build
// a statement than SQLite to run it. Parameters are $1, $2 … in their order,
// which both databases read.

// write runs a statement and gives how many rows it changed.
func (tx *Tx) write(statement string, args ...any) (rows int64, err error) {
	done, err := tx.Statement.ConnPool.ExecContext(tx.Statement.Context, statement, args...)
	if err != nil {
		return 0, tx.translated(err)
	}
	return done.RowsAffected()
}

// read scans the one row of a query; sql.ErrNoRows where there is none.
func (tx *Tx) read(into []any, query string, args ...any) error {
	return tx.translated(tx.Statement.ConnPool.QueryRowContext(tx.Statement.Context, query, args...).Scan(into...))
}

// Within says whether a handle is inside a transaction.
func Within(db *gorm.DB) bool {
	_, within := db.Statement.ConnPool.(gorm.TxCommitter)
	return within
}

// translated gives an error as gorm would.
func (tx *Tx) translated(err error) error {
	if t, ok := tx.Dialector.(gorm.ErrorTranslator); ok && err != nil && !errors.Is(err, sql.ErrNoRows) {
		return t.Translate(err)
	}
	return err
}

// insertion writes rows of one table.
type insertion struct {
	statement string
	fields    []*schema.Field
}

// Insert writes a row, given by its address, as it stands: with all its columns,
// and no default of gorm's.
func (tx *Tx) Insert(row any) error {
	value := reflect.ValueOf(row).Elem()
	known, ok := tx.insertions.Load(value.Type())
	if !ok {
		made, err := tx.insertionOf(row)
		if err != nil {
			return err
		}
		known, _ = tx.insertions.LoadOrStore(value.Type(), made)
	}
	i := known.(*insertion)
	args := make([]any, len(i.fields))
	for at, field := range i.fields {
		args[at], _ = field.ValueOf(context.Background(), value)
	}
	_, err := tx.write(i.statement, args...)
	return err
}

func (tx *Tx) insertionOf(row any) (*insertion, error) {
	stmt := &gorm.Statement{DB: tx.DB}
	if err := stmt.Parse(row); err != nil {
		return nil, fmt.Errorf("look how a row is written: %w", err)
	}
	i := &insertion{}
	var columns, values []string
	for _, name := range stmt.Schema.DBNames {
		i.fields = append(i.fields, stmt.Schema.FieldsByDBName[name])
		columns = append(columns, stmt.Quote(name))
		values = append(values, fmt.Sprintf("$%d", len(i.fields)))
	}
	i.statement = "INSERT INTO " + stmt.Quote(stmt.Schema.Table) + " (" + strings.Join(columns, ", ") + ") VALUES (" + strings.Join(values, ", ") + ")"
	return i, nil
}
