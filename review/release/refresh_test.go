package release_test

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/release"
)

// TestAReleaseThatReadersCannotSeeYetIsPublished has all reading of collections
// fail from the event of the release on, which is the end of its transaction.
func TestAReleaseThatReadersCannotSeeYetIsPublished(t *testing.T) {
	db := storetest.Open(t)
	d := openSmall(t, db)
	d.accept(attack.NewTechnique, "", "", technique("Whistle Muting"))
	r := d.openRelease()
	var broken atomic.Bool
	var failures atomic.Int64
	end := db.Callback().Raw().After("gorm:raw").Register("break", func(tx *gorm.DB) {
		if strings.HasPrefix(tx.Statement.SQL.String(), "INSERT INTO journal (") {
			broken.Store(true)
		}
	})
	fail := db.Callback().Query().Before("gorm:query").Register("fail", func(tx *gorm.DB) {
		if broken.Load() && tx.Statement.Table == "collections" {
			failures.Add(1)
			_ = tx.AddError(errors.New("the database is away"))
		}
	})
	if err := errors.Join(end, fail); err != nil {
		t.Fatal(err)
	}
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
