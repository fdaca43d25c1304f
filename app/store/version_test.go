package store

import "testing"

func TestOldSQLiteIsRefused(t *testing.T) {
	if err := checkSQLiteVersion("3.51.2", 3_051_002); err == nil {
		t.Fatal("3.51.2 was accepted")
	}
	if err := checkSQLiteVersion("3.51.3", 3_051_003); err != nil {
		t.Fatal(err)
	}
}
