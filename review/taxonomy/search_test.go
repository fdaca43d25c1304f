package taxonomy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"

	"github.com/atelier-attack/atelier/app/store/storetest"
	"github.com/atelier-attack/atelier/review/attack"
	"github.com/atelier-attack/atelier/review/attack/attacktest"
	"github.com/atelier-attack/atelier/review/search"
	"github.com/atelier-attack/atelier/review/taxonomy"
)

// loaded is Enterprise 18.1 and Mobile 17.1, for all tests that only read.
var loaded struct {
	once     sync.Once
	snapshot *taxonomy.Snapshot
}

func realATTACK(t testing.TB) *taxonomy.Snapshot {
	t.Helper()
	attacktest.Heavy(t)
	enterprise, mobile := attacktest.File(t, "enterprise-attack-18.1.json.gz"), attacktest.File(t, "mobile-attack-17.1.json.gz")
	loaded.once.Do(func() {
		tax := taxonomy.New(storetest.Open(t), quiet())
		load(t, tax, "enterprise", mustRead(t, enterprise))
		load(t, tax, "mobile", mustRead(t, mobile))
		tax.Index()
		loaded.snapshot = tax.Snapshot()
	})
	if loaded.snapshot == nil {
		t.Fatal("ATT&CK was not loaded")
	}
	return loaded.snapshot
}

// first lists queries with the object that must come first: by its id and,
// where two domains have a technique of the name, either of them.
var first = []struct{ query, want string }{
	{"T1055", "T1055"},
	{"t1003.001", "T1003.001"},
	{"g0016", "G0016"},
	{"TA0006", "TA0006"},
	{"attack-pattern--01a5a209-b94c-450b-b7f9-946497d91055", "T1047"},
	{"https://attack.mitre.org/techniques/T1059/001", "T1059.001"},
	{"PowerShell", "T1059.001"},
	{"power shell", "T1059.001"},
	{"powersh", "T1059.001"},
	{"process inject", "T1055 T1631"},
	{"Pass-the-Hash", "T1550.002"},
	{"Cozy Bear", "G0016"},
	{"NOBELIUM", "G0016"},
	{"hidden cobra", "G0032"},
	{"voodoo bear", "G0034"},
	{"Sodinokibi", "S0496"},
	{"apt 29", "G0016"},
	{"FIN-7", "G0046"},
	{"cobaltstrike", "S0154"},
	{"colbat strike", "S0154"},
	{"mimikats", "S0002"},
	{"emotett", "S0367"},
	{"wanacry", "S0366"},
	{"kerberosting", "T1558.003"},
	{"spearfishing attachment", "T1566.001 T1598.002"},
	{"credental dumping", "T1003"},
	{"exfiltraton over c2", "T1041 T1646"},
	{"lazarus gruop", "G0032"},
	{"comman and control", "TA0011 TA0037"},
	{"process doppelganging", "T1055.013"},
	{"Kerberöasting", "T1558.003"},
	{"Hromcova invisimole", "S0260"},
	{"keylogger", "T1056.001 T1417.001"},
	{"lsass memory dump", "T1003.001"},
	{"shadow copies vssadmin", "T1490"},
	{"mfa push bombing", "T1621"},
	{"macros in office templates", "T1137.001"},
	{"typosquatting domains", "T1583.001"},
	{"ld_preload", "T1574.006"},
	{"sim swapping", "T1451"},
}

// among lists queries with an object that must be among the first five.
var among = []struct{ query, want string }{
	{"T1059.0", "T1059.003"},
	{"TA00", "TA0005"},
	{"rclone mega", "T1567.002"},
	{"upx packed", "T1027.002"},
	{"sekurlsa", "T1003.001"},
	{"regsvr32 scrobj", "T1218.010"},
	{"bits jobs persistence", "T1197"},
	{"browser cookies stolen", "T1539"},
	{"authorized_keys", "T1098.004"},
	{"crontab", "T1053.003"},
	{"netsh firewall", "T1562.004"},
	{"certutil download", "S0160"},
	{"wevtutil clear", "S0645"},
	{"screenshots", "T1113"},
	{"webcam", "T1125"},
	{"watering hole", "T1189"},
	{"sql injection", "T1190"},
	{"usb drive worm", "T1091"},
	{"arp spoofing", "T1557.002"},
	{"dns tunneling", "T1572"},
	{"steganography images", "T1001.002"},
	{"wmi event subscription", "T1546.003"},
	{"dll search order hijacking", "T1574.001"},
	{"olympics pyeongchang", "S0365"},
	{"apt29 encoded powershell cozycar", "G0016"},
	{"apt29 encoded powershell cozycar", "T1059.001"},
	{"özarslan emotet", "S0367"},
	{"fireeye apt17", "G0025"},
	{"scheduled tsk persistance", "T1053.005"},
	{"phishing for information link", "T1598.003"},
}

func TestTheRightObjectComesFirst(t *testing.T) {
	s := realATTACK(t)
	if len(first) != 40 || len(among) != 30 {
		t.Errorf("the tables have %d and %d queries", len(first), len(among))
	}
	for _, c := range first {
		if got := ids(s.Search(taxonomy.Query{Text: c.query, Limit: 3})); len(got) == 0 || !slices.Contains(strings.Fields(c.want), got[0]) {
			t.Errorf("%q: %v, want %s", c.query, got, c.want)
		}
	}
	for _, c := range among {
		if got := ids(s.Search(taxonomy.Query{Text: c.query, Limit: 5})); !slices.Contains(got, c.want) {
			t.Errorf("%q: %v, want %s among them", c.query, got, c.want)
		}
	}
}

func ids(f taxonomy.Found) []string {
	list := []string{}
	for _, h := range f.Hits {
		list = append(list, h.AttackID)
	}
	return list
}

// TestEveryObjectIsFoundByItsOwnNames: by its id, its name and its other names
// every live object comes first, or shares the place with its namesakes.
func TestEveryObjectIsFoundByItsOwnNames(t *testing.T) {
	s := realATTACK(t)
	same := func(a, b string) bool { return fold(a) == fold(b) }
	for _, d := range s.Domains() {
		for _, o := range s.Objects(d.ID) {
			if shown, _ := s.Object(o.ID); o.Type == attack.TypeRelationship || !shown.Live() || o.Name == "" {
				continue
			}
			if got := s.Search(taxonomy.Query{Text: o.ATTACK, Limit: 1}); o.ATTACK != "" && (len(got.Hits) == 0 || got.Hits[0].AttackID != o.ATTACK) {
				t.Errorf("%s: %v", o.ATTACK, ids(got))
			}
			for _, name := range append(o.OtherNames(), o.Name) {
				got := s.Search(taxonomy.Query{Text: name, Limit: 1}).Hits
				if len(got) == 0 {
					t.Errorf("%q finds nothing", name)
					continue
				}
				one, _ := s.Object(got[0].STIXID)
				if !slices.ContainsFunc(append(one.OtherNames(), one.Name), func(n string) bool { return same(n, name) }) || !one.Live() {
					t.Errorf("%q: %s %s", name, one.ATTACK, one.Name)
				}
			}
		}
	}
}

// fold leaves of a name what is compared: its letters and digits.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// TestLiveObjectsComeFirst: behind the very id or name that was asked for, no
// object that is revoked or deprecated stands before one that lives.
func TestLiveObjectsComeFirst(t *testing.T) {
	s := realATTACK(t)
	dead := 0
	for _, query := range []string{"scheduled task mitigation", "bypass", "credentials in files", "hooking", "dll hijacking", "rundll32 abuse", "sudo", "bash history"} {
		gone := false
		for i, h := range s.Search(taxonomy.Query{Text: query, Limit: 500}).Hits {
			if exact := fold(h.Name) == fold(query); exact && i == 0 {
				continue
			}
			if h.Retired {
				gone = true
				dead++
			} else if gone {
				t.Errorf("%q: %s %s lives and comes behind one that does not", query, h.AttackID, h.Name)
			}
		}
	}
	if dead == 0 {
		t.Error("none of the queries found a dead object")
	}
}

func TestProcedureTextFindsBothEnds(t *testing.T) {
	s := realATTACK(t)
	found := s.Search(taxonomy.Query{Text: "APT29 encoded PowerShell CozyCar", Limit: 2})
	ends := map[string]string{"G0016": "T1059.001", "T1059.001": "G0016"}
	for _, h := range found.Hits {
		if h.Where != "relationship" || h.Via == nil || h.Via.Kind != attack.Uses || h.Via.Source != (h.AttackID == "T1059.001") || h.Via.Object.AttackID != ends[h.AttackID] || !marked(h.Marked.Context, "encoded", "PowerShell", "CozyCar") {
			t.Errorf("%s is found by %s via %+v: %+v", h.AttackID, h.Where, h.Via, h.Marked.Context)
		}
		delete(ends, h.AttackID)
	}
	if len(ends) > 0 {
		t.Errorf("not found: %v", ends)
	}
	cited := s.Search(taxonomy.Query{Text: "hromcova okrum ketrican", Limit: 1}).Hits
	if len(cited) != 1 || cited[0].AttackID != "S0439" || cited[0].Where != "citation" || !marked(cited[0].Marked.Context, "Okrum") {
		t.Errorf("by a source: %+v", cited)
	}
}

func marked(list []search.Segment, words ...string) bool {
	for _, w := range words {
		if !slices.ContainsFunc(list, func(s search.Segment) bool { return s.Mark && strings.EqualFold(s.Text, w) }) {
			return false
		}
	}
	return true
}

func TestFacetsOfRealATTACK(t *testing.T) {
	s := realATTACK(t)
	all := s.Search(taxonomy.Query{Text: "injection", Limit: 500})
	for _, f := range all.Facets {
		for _, v := range f.Values {
			q := taxonomy.Query{Text: "injection", Limit: 1}
			switch f.Name {
			case "type":
				q.Type = []string{v.Value}
			case "domain":
				q.Domain = []string{v.Value}
			case "tactic":
				q.Tactic = []string{v.Value}
			case "platform":
				q.Platform = []string{v.Value}
			}
			got := s.Search(q)
			if got.Total != v.Count || v.Label == "" || len(got.Hits) != 1 {
				t.Errorf("%s %s (%q): %d hits are promised, %d found", f.Name, v.Value, v.Label, v.Count, got.Total)
			}
		}
	}
	if len(all.Facets) != 4 || len(all.Facets[0].Values) < 5 || len(all.Facets[1].Values) != 2 || len(all.Facets[2].Values) < 5 || len(all.Facets[3].Values) < 5 {
		t.Errorf("facets: %+v", all.Facets)
	}
	campaigns := s.Search(taxonomy.Query{Type: []string{attack.TypeCampaign}, Domain: []string{"mobile-attack"}, Limit: 500})
	if campaigns.Total == 0 || campaigns.Total != len(campaigns.Hits) {
		t.Errorf("without words: %d campaigns", campaigns.Total)
	}
}

// paraphrase is a text that somebody might propose; its ID has all techniques
// that it may mean.
type paraphrase struct{ ID, Name, Text string }

func paraphrases(t *testing.T, file string) []paraphrase {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var list []paraphrase
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestIsThisNew: what is there already in other words is found, and what is no
// technique is not taken for one.
func TestIsThisNew(t *testing.T) {
	s := realATTACK(t)
	list := paraphrases(t, "paraphrases.json")
	found, top := 0, 0
	for _, p := range list {
		alike := s.Similar(taxonomy.Draft{Name: p.Name, Description: p.Text, Type: attack.TypeTechnique, Limit: 5})
		at := slices.IndexFunc(alike, func(a taxonomy.Alike) bool { return slices.Contains(strings.Fields(p.ID), a.AttackID) })
		switch {
		case at < 0:
			t.Logf("%s %q is not among %+v", p.ID, p.Name, alike)
			continue
		case at == 0:
			top++
		}
		found++
		if len(alike[at].Shared) < 3 {
			t.Errorf("%s: shared are only %v", p.ID, alike[at].Shared)
		}
	}
	t.Logf("of %d paraphrases %d are among the first five, %d first", len(list), found, top)
	if len(list) < 100 || found < len(list)*9/10 {
		t.Errorf("%d of %d paraphrases are found", found, len(list))
	}
	others := paraphrases(t, "no-techniques.json")
	for _, p := range others {
		for _, a := range s.Similar(taxonomy.Draft{Name: p.Name, Description: p.Text, Type: attack.TypeTechnique, Limit: 5}) {
			if a.Class == taxonomy.LikelySame {
				t.Errorf("%q is taken for %s %s, of %v", p.Name, a.AttackID, a.Name, a.Shared)
			}
		}
	}
	if len(others) < 20 {
		t.Errorf("%d texts that are no technique", len(others))
	}
}

// markup is what nobody copies from a page: citations, and where links lead.
var markup = regexp.MustCompile(`\(Citation: [^)]*\)|\]\(http[^)]*\)`)

// TestTheSameTextIsLikelyTheSame: a description that somebody copied, even with
// every third word missing, and a name that is taken.
func TestTheSameTextIsLikelyTheSame(t *testing.T) {
	s := realATTACK(t)
	all, likely := 0, 0
	for _, o := range s.Objects("enterprise-attack") {
		if o.Type != attack.TypeTechnique || !o.Live() {
			continue
		}
		var kept []string
		for i, w := range strings.Fields(markup.ReplaceAllString(o.Description, "")) {
			if i%3 != 2 {
				kept = append(kept, w)
			}
		}
		got := s.Similar(taxonomy.Draft{Description: strings.Join(kept, " "), Type: o.Type, Limit: 1})
		if all++; len(got) == 1 && got[0].STIXID == o.ID && got[0].Class == taxonomy.LikelySame {
			likely++
		}
	}
	if all < 600 || likely < all*95/100 {
		t.Errorf("%d of %d are recognised", likely, all)
	}
	for _, name := range []string{"process injection", "PowerShell", "Pass-the-Hash"} {
		got := s.Similar(taxonomy.Draft{Name: name, Type: attack.TypeTechnique, Domain: "enterprise-attack", Limit: 1})
		if len(got) != 1 || got[0].Class != taxonomy.LikelySame || !got[0].Named {
			t.Errorf("%q: %+v", name, got)
		}
	}
	// A slip in a name does not hide it behind a text of other things.
	for _, name := range []string{"Process Injektion", "Process Injction", "Process Injecttion", "Process Injetcion"} {
		got := s.Similar(taxonomy.Draft{Name: name, Description: "Adversaries may send mail to people whom they want to open a link.",
			Type: attack.TypeTechnique, Domain: "enterprise-attack", Limit: 3})
		if len(got) == 0 || got[0].AttackID != "T1055" || got[0].Class != taxonomy.LikelySame {
			t.Errorf("%s is like %+v", name, got)
		}
	}
	if got := s.Similar(taxonomy.Draft{Name: "Proces Injektion", Type: attack.TypeTechnique, Domain: "enterprise-attack", Limit: 3}); len(got) == 0 || got[0].AttackID != "T1055" || !got[0].Named {
		t.Errorf("a name with mistakes: %+v", got)
	}
}

// TestSearchGoesOnDuringAnImport: who searches while an import comes in reads
// the state before, and never waits for the new index; when the import has
// said that it is done, its objects are found.
func TestSearchGoesOnDuringAnImport(t *testing.T) {
	tax := taxonomy.New(storetest.Open(t), quiet())
	load(t, tax, "odd", mustRead(t, "testdata/odd.json"))
	tax.Index()
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				s := tax.Snapshot()
				if s.Search(taxonomy.Query{Text: "T0001", Limit: 1}).Total == 0 {
					t.Error("what was there is not found any more")
					return
				}
			}
		})
	}
	load(t, tax, "mobile", attacktest.Unzipped(t, "mobile-attack-17.1.json.gz"))
	if got := ids(tax.Snapshot().Search(taxonomy.Query{Text: "sim card swap", Limit: 1})); !slices.Equal(got, []string{"T1451"}) {
		t.Errorf("after the import: %v", got)
	}
	close(stop)
	readers.Wait()
}

func mustRead(t testing.TB, path string) []byte {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}
