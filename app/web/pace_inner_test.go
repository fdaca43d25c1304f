package web

import (
	"fmt"
	"testing"
	"time"
)

// TestARoomBehindOneAddressWrites has 2,000 people who share an address write as
// fast as each of them may, and looks at what is remembered of them.
func TestARoomBehindOneAddressWrites(t *testing.T) {
	p, now := newPaces(Pace{}), time.Now()
	for second := range 3 {
		for user := range 2000 {
			for range 30 {
				if wait := p.wait(fmt.Sprint(user), now.Add(time.Duration(second)*time.Second)); wait > 0 {
					t.Fatalf("person %d waits %s", user, wait)
				}
			}
		}
	}
	if len(p.of) != 2000 {
		t.Errorf("%d people are remembered", len(p.of))
	}
	if p.wait("one", now.Add(2*time.Minute)); len(p.of) != 1 {
		t.Errorf("%d people are remembered after a rest", len(p.of))
	}
}

// TestWhatIsRefusedIsNotCounted refuses one again and again, who then waits no
// longer for it.
func TestWhatIsRefusedIsNotCounted(t *testing.T) {
	p, now := newPaces(Pace{Rate: 1, Burst: 1}), time.Now()
	for try := range 5 {
		if wait := p.wait("ana", now); (wait == 0) != (try == 0) || wait > time.Second {
			t.Errorf("try %d waits %s", try, wait)
		}
	}
	if wait := p.wait("ana", now.Add(time.Second)); wait != 0 {
		t.Errorf("a second later it waits %s", wait)
	}
}
