package store_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store"
	"github.com/atelier-attack/atelier/realtime/fault"
)

// TestAFullDiskIsSaidAndChangesNothing has SQLite refuse to let the file grow,
// which to it is a full disk.
func TestAFullDiskIsSaidAndChangesNothing(t *testing.T) {
	db := openAt(t, store.Config{DataDir: t.TempDir()})
	if err := db.Exec("PRAGMA max_page_count = 200").Error; err != nil {
		t.Fatal(err)
	}
	err := db.Transaction(func(tx *gorm.DB) error {
		for range 1000 {
			u := user{ID: uuid.NewString(), Name: strings.Repeat("x", 10_000), CreatedAt: tx.NowFunc()}
			if err := tx.Create(&u).Error; err != nil {
				return err
			}
		}
		return nil
	})
	if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "disk of the database is full") {
		t.Fatalf("got %v", err)
	}
	if n := count(t, db); n != 0 {
		t.Errorf("%d rows are there", n)
	}
	if err := db.Create(&user{ID: "a", CreatedAt: db.NowFunc()}).Error; err != nil {
		t.Errorf("what fits is not taken: %v", err)
	}
}
