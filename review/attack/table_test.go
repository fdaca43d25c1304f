package attack_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/atelier-attack/atelier/review/attack"
)

func TestPagesOfMITRE(t *testing.T) {
	for id, page := range map[string]string{
		"T1055": "techniques/T1055", "T1055.001": "techniques/T1055/001", "TA0001": "tactics/TA0001", "G0016": "groups/G0016", "S0001": "software/S0001",
		"C0001": "campaigns/C0001", "M1001": "mitigations/M1001", "DS0001": "datasources/DS0001", "DC0001": "datacomponents/DC0001", "A0001": "assets/A0001",
		"DET0001": "detectionstrategies/DET0001",
	} {
		if got := attack.PageOf(id); got != "https://attack.mitre.org/"+page {
			t.Errorf("%s is at %s", id, got)
		}
		if got, ok := attack.IDOfPage("http://attack.mitre.org/" + page + "/"); !ok || got != id {
			t.Errorf("%s is of %q", page, got)
		}
	}
	for _, id := range []string{"", "T1", "NEW-1", "X0001", "AN0001", "G0016.001"} {
		if got := attack.PageOf(id); got != "" {
			t.Errorf("%q is at %s", id, got)
		}
	}
	for address, want := range map[string]string{
		"https://attack.mitre.org/detectionstrategies/DET0039#AN0110":        "AN0110",
		"https://attack.mitre.org/versions/v17/techniques/T1055/001/":        "T1055.001",
		"https://attack.mitre.org/wiki/Technique/T1055":                      "T1055",
		"https://attack.mitre.org/pre-attack/index.php/Technique/PRE-T1001":  "PRE-T1001",
		"https://attack.mitre.org/newthings/NT0007?x#y":                      "NT0007",
		"https://attack.mitre.org/matrices/enterprise":                       "",
		"https://attack.mitre.org.example.org/techniques/T1055":              "",
		"https://example.org/?https://attack.mitre.org.evil/techniques/T105": "",
	} {
		if got, ok := attack.IDOfPage(address); got != want || ok != (want != "") {
			t.Errorf("%s is of %q, want %q", address, got, want)
		}
	}
}

// What works by the table needs that it says all that it must say, once.
func TestTableOfTypes(t *testing.T) {
	names, folders := map[string]bool{}, map[string]string{}
	for _, one := range attack.Types() {
		if one.Name == "" || one.Label == "" || one.Plural == "" || names[one.Name] {
			t.Errorf("%+v lacks a name, or has one that was there before", one)
		}
		names[one.Name] = true
		if one.Folder != "" && one.Letters == "" {
			t.Errorf("%s has pages by an id that it does not have", one.Name)
		}
		if one.Compared != "" && !one.Versioned {
			t.Errorf("%s is compared by versions that it does not have", one.Name)
		}
		if f := folders[one.Letters]; one.Letters != "" && f != "" && f != one.Folder {
			t.Errorf("%s and %s share their letters and not their pages", one.Folder, f)
		}
		folders[one.Letters] = one.Folder
		for _, e := range one.Embedded {
			last := e.Path[strings.LastIndexByte(e.Path, '.')+1:]
			if !strings.HasSuffix(last, "_ref") && !strings.HasSuffix(last, "_refs") || e.Here == "" {
				t.Errorf("%s: %+v would not be found", one.Name, e)
			}
		}
	}
	for _, f := range attack.Forms() {
		for _, name := range append([]string{f.Type}, slices.Concat(fieldTypes(f)...)...) {
			if !names[name] {
				t.Errorf("the form %s is about %q, which is not in the table", f.Kind, name)
			}
		}
	}
}

func fieldTypes(f attack.Form) (list [][]string) {
	for _, one := range f.Fields {
		list = append(list, one.Refers)
	}
	return list
}

func TestWhatIsNotInTheTableIsCalledByItsName(t *testing.T) {
	gadget := attack.Describe("x-mitre-space-gadget")
	if _, ok := attack.TypeOfName(gadget.Name); ok || gadget.Label != "Space gadget" || gadget.Compared != "" || gadget.Owns("T1055") {
		t.Errorf("%+v", gadget)
	}
	if got := gadget.Reference("x_parts.x_mitre_bolt_refs"); got.Here != "Bolt" || got.Back != "Space gadget (bolt)" {
		t.Errorf("%+v", got)
	}
	if got, ok := gadget.Fact("x_mitre_sectors"); !ok || got.Label != "Sectors" {
		t.Errorf("%+v", got)
	}
	for name, want := range map[string]string{"x_mitre_orbit": "Orbit", "labels": "Labels", "x": "X", "_": "_", "": "", "éclair": "Éclair"} {
		if got, _ := gadget.Fact(name); got.Label != want {
			t.Errorf("%q is called %q", name, got.Label)
		}
	}
}

func TestTypedLinks(t *testing.T) {
	text := "(LinkById: T1055.001) (LinkById: NEW-7.2) (LinkById: NT00012) (LinkById: T1055x) LinkById: T1001"
	if got := attack.TypedLinks(text); !slices.Equal(got, []string{"T1055.001", "NEW-7.2", "NT00012"}) {
		t.Errorf("%q", got)
	}
	got := attack.ReplaceTypedLinks(text, func(typed, id string) string { return "<" + id + ">" })
	if got != "<T1055.001> <NEW-7.2> <NT00012> (LinkById: T1055x) LinkById: T1001" {
		t.Errorf("%q", got)
	}
}
