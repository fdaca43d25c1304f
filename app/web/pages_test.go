package web_test

import "testing"

// TestTheMatrixOfAWorkshopComesWithItsPage for who is in the workshop: its
// address does not tell others what the workshop is about.
func TestTheMatrixOfAWorkshopComesWithItsPage(t *testing.T) {
	s := start(t)
	fay := s.signIn("Fay", true, false)
	page := "/w/" + fay.newWorkshop().ID + "/matrix"
	const script, data = "</m.js>; rel=modulepreload", "</api/domains/odd-attack/matrix>; rel=preload; as=fetch; crossorigin"
	for _, c := range []struct {
		who, page, want string
		asks            *browser
	}{
		{"a member", page, script + ", " + data, fay},
		{"a member, of another release", page + "?at=1", script, fay},
		{"somebody who is not in it", page, script, s.signIn("Eve", true, true)},
		{"somebody with an old cookie", page, script, &browser{site: s, cookie: "gone"}},
		{"somebody who is not signed in", page, script, &browser{site: s}},
		{"a member, of no workshop", "/w/none/matrix", script, fay},
		{"a member, of nonsense", "/w/\xff%00/matrix", script, fay},
	} {
		if r := c.asks.ask("GET", c.page, ""); r.status != 200 || r.header.Get("Link") != c.want {
			t.Errorf("%s: %d %s", c.who, r.status, r.header.Get("Link"))
		}
	}
}
