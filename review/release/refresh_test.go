package release_test

import (
	"errors"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/release"
)

// TestAReleaseThatReadersCannotSeeYetIsPublished has all reading of collections
// fail outside of the transaction that publishes.
func TestAReleaseThatReadersCannotSeeYetIsPublished(t *testing.T) {
	db := storetest.Open(t)
	d := openSmall(t, db)
	d.accept(attack.NewTechnique, "", "", technique("Whistle Muting"))
	r := d.openRelease()
	var broken atomic.Bool
	var failures atomic.Int64
	fail := db.Callback().Query().Before("gorm:query").Register("fail", func(tx *gorm.DB) {
		_, inside := tx.Statement.ConnPool.(gorm.TxCommitter)
		if broken.Load() && !inside && tx.Statement.Table == "collections" {
			failures.Add(1)
			_ = tx.AddError(errors.New("the database is away"))
		}
	})
	if fail != nil {
		t.Fatal(fail)
	}
	broken.Store(true)
	published, err := d.Publish(t.Context(), d.mia, r.ID, r.Revision)
	if err != nil || published.State != release.Published || failures.Load() == 0 {
		t.Fatalf("published %+v after %d failures: %v", published, failures.Load(), err)
	}
	broken.Store(false)
	if err := d.tax.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.tax.Snapshot().Object("T9000"); !ok {
		t.Error("the next look for new content does not find the release")
	}
}
