package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/mattn/go-sqlite3"
	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/app/store"
	"github.com/atelier-attack/atelier/app/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(storetest.Main(m)) }

func TestReadyAfterOpen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		if err := store.Ready(context.Background(), db); err != nil {
			t.Fatal(err)
		}
		if err := db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)").Error; err != nil {
			t.Fatal(err)
		}
		if err := store.Ready(context.Background(), db); err == nil {
			t.Fatal("a database of another schema version must not be ready")
		}
	})
}

func TestLinkedSQLiteIsNewEnough(t *testing.T) {
	if text, number, _ := sqlite3.Version(); number < 3_051_003 {
		t.Fatalf("linked with SQLite %s, 3.51.3 or newer is needed", text)
	}
}

// user is a row of users, as the packages above map it.
type user struct {
	ID, Name, Organisation string
	CreatedAt              time.Time
}

func TestTimesComeBackInUTC(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		at := time.Date(2026, 3, 1, 12, 30, 15, 123_000_000, time.UTC)
		if err := db.Create(&user{ID: "a", Name: "Ada", CreatedAt: at}).Error; err != nil {
			t.Fatal(err)
		}
		var got user
		if err := db.First(&got, "id = ?", "a").Error; err != nil {
			t.Fatal(err)
		}
		if !got.CreatedAt.Equal(at) || got.CreatedAt.Location() != time.UTC {
			t.Fatalf("wrote %v, read %v in %v", at, got.CreatedAt, got.CreatedAt.Location())
		}
	})
}

func TestDuplicateIsTranslated(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		row := user{ID: "a", Name: "Ada", CreatedAt: db.NowFunc()}
		if err := db.Create(&row).Error; err != nil {
			t.Fatal(err)
		}
		if err := db.Create(&row).Error; !errors.Is(err, gorm.ErrDuplicatedKey) {
			t.Fatalf("a second row with the same key gave %v", err)
		}
	})
}

func TestTransactionReadsItsOwnWrites(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		err := db.Transaction(func(tx *gorm.DB) error {
			if err := tx.Create(&user{ID: "a", Name: "Ada", CreatedAt: tx.NowFunc()}).Error; err != nil {
				return err
			}
			if n := count(t, tx); n != 1 {
				t.Errorf("inside the transaction %d rows are seen, not 1", n)
			}
			if n := outside(t, db); n != 0 {
				t.Errorf("outside the transaction %d rows are seen, not 0", n)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, db); n != 1 {
			t.Fatalf("after the commit %d rows are seen, not 1", n)
		}
	})
}

// outside counts while a transaction is open, if there is a connection left to
// do it on.
func outside(t *testing.T, db *gorm.DB) int64 {
	t.Helper()
	pool, err := db.DB()
	if err != nil {
		t.Fatal(err)
	}
	if db.Name() == "postgres" && pool.Stats().MaxOpenConnections == 1 {
		return 0
	}
	return count(t, db)
}

func TestOneConnectionIsEnoughToMigrate(t *testing.T) {
	try := func(t *testing.T, c store.Config) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		db, err := store.Open(ctx, c)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(store.Ready(ctx, db), store.Close(db)); err != nil {
			t.Error(err)
		}
	}
	t.Run("sqlite", func(t *testing.T) { try(t, store.Config{DataDir: t.TempDir(), Writers: 1, Readers: 1}) })
	t.Run("postgres", func(t *testing.T) { try(t, store.Config{Database: storetest.PostgresDSN(t, false), Pool: 1}) })
}

func TestForeignKeysHold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *gorm.DB) {
		err := db.Exec("INSERT INTO sessions (token_hash, user_id, created_at, expires_at) VALUES ('h', 'nobody', ?, ?)", db.NowFunc(), db.NowFunc()).Error
		if err == nil {
			t.Fatal("a session of nobody was stored")
		}
	})
}

func TestReadersCannotWrite(t *testing.T) {
	db := storetest.Open(t)
	// A statement that begins with SELECT goes to a reader; PRAGMA shows it is one.
	var on int
	if err := db.Raw("SELECT query_only FROM pragma_query_only").Scan(&on).Error; err != nil {
		t.Fatal(err)
	}
	if on != 1 {
		t.Fatal("plain reads are not sent to connections that only read")
	}
}

func TestSQLiteSettings(t *testing.T) {
	db := storetest.Open(t)
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "query_only": "0"} {
		err := db.Transaction(func(tx *gorm.DB) error {
			var got string
			if err := tx.Raw("PRAGMA " + pragma).Scan(&got).Error; err != nil {
				return err
			}
			if got != want {
				t.Errorf("%s is %s, not %s", pragma, got, want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestConcurrentWriters(t *testing.T) {
	for _, writers := range []int{1, 2} {
		t.Run(fmt.Sprintf("pool of %d", writers), func(t *testing.T) {
			db := openAt(t, store.Config{DataDir: t.TempDir(), Writers: writers})
			writeFrom(t, 64, db)
		})
	}
	t.Run("postgres", func(t *testing.T) {
		writeEach(t, 64, storetest.OpenPostgres(t)) // transactions overlap there, and may
	})
	t.Run("two programs", func(t *testing.T) {
		folder := t.TempDir()
		a := openAt(t, store.Config{DataDir: folder})
		b := openAt(t, store.Config{DataDir: folder})
		writeFrom(t, 64, a, b)
		if na, nb := count(t, a), count(t, b); na != 64 || nb != 64 {
			t.Fatalf("the programs see %d and %d rows, not 64", na, nb)
		}
	})
}

// writeFrom has n goroutines read, then write, in one transaction each, and
// makes sure that none saw what another one saw.
func writeFrom(t *testing.T, n int, dbs ...*gorm.DB) {
	t.Helper()
	writeEach(t, n, dbs...)
	var names int64
	if err := dbs[0].Table("users").Distinct("name").Count(&names).Error; err != nil {
		t.Fatal(err)
	}
	if names != int64(n) {
		t.Fatalf("%d different counts were seen by %d writers: transactions overlapped", names, n)
	}
}

func writeEach(t *testing.T, n int, dbs ...*gorm.DB) {
	t.Helper()
	var group sync.WaitGroup
	for i := range n {
		group.Go(func() {
			err := dbs[i%len(dbs)].Transaction(func(tx *gorm.DB) error {
				var before int64
				if err := tx.Table("users").Count(&before).Error; err != nil {
					return err
				}
				return tx.Create(&user{ID: fmt.Sprint(i), Name: fmt.Sprint(before), CreatedAt: tx.NowFunc()}).Error
			})
			if err != nil {
				t.Errorf("writer %d: %v", i, err)
			}
		})
	}
	group.Wait()
	if rows := count(t, dbs[0]); rows != int64(n) {
		t.Fatalf("%d rows of %d writers are there", rows, n)
	}
}

func TestFilesAreForTheOwnerOnly(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "data")
	db := openAt(t, store.Config{DataDir: folder})
	if err := db.Create(&user{ID: "a", CreatedAt: db.NowFunc()}).Error; err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]os.FileMode{folder: 0o700, filepath.Join(folder, "atelier.db"): 0o600, filepath.Join(folder, "atelier.db-wal"): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has %o, not %o", path, got, want)
		}
	}
}

func openAt(t *testing.T, c store.Config) *gorm.DB {
	t.Helper()
	db, err := store.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(db); err != nil {
			t.Error(err)
		}
	})
	return db
}

func count(t *testing.T, db *gorm.DB) int64 {
	t.Helper()
	var n int64
	if err := db.Table("users").Count(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}
