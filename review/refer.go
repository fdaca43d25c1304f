package review

import (
	"fmt"
	"regexp"
	"strconv"

	"gorm.io/gorm"

	"github.com/atelier-attack/atelier/realtime/discuss"
	"github.com/atelier-attack/atelier/realtime/markdown"
	"github.com/atelier-attack/atelier/review/attack"
)

var numbered = regexp.MustCompile(`#([1-9]\d{0,8})\b`)

// ReferIn finds what the words of a message stand for: proposals that were
// submitted, as #12, and objects of the taxonomy, as T1055.
func (p *Proposals) ReferIn(db *gorm.DB, workshop, body string) (discuss.Find, error) {
	var numbers []int64
	for _, m := range numbered.FindAllStringSubmatch(body, -1) {
		n, err := strconv.ParseInt(m[1], 10, 64)
		if err == nil && len(numbers) < 500 {
			numbers = append(numbers, n)
		}
	}
	pages := map[string]string{}
	if len(numbers) > 0 {
		var rows []proposalRow
		if err := db.Select("id", "number").Where("workshop_id = ? AND revision > 0 AND number IN ?", workshop, numbers).Find(&rows).Error; err != nil {
			return nil, fmt.Errorf("find the proposals that a message names: %w", err)
		}
		for _, r := range rows {
			pages[fmt.Sprintf("#%d", r.Number)] = "/w/" + workshop + "/proposals/" + r.ID
		}
	}
	known := p.taxonomy.Snapshot()
	return func(words string) []discuss.Reference {
		var found []discuss.Reference
		add := func(at []int, href string) {
			found = append(found, discuss.Reference{Reference: markdown.Reference{From: at[0], To: at[1], Href: href}})
		}
		for _, at := range numbered.FindAllStringIndex(words, -1) {
			if href := pages[words[at[0]:at[1]]]; href != "" {
				add(at, href)
			}
		}
		for _, at := range attack.IDsIn(words) {
			if id := words[at[0]:at[1]]; known != nil {
				if _, ok := known.Object(id); ok {
					add(at, "/objects/"+id)
				}
			}
		}
		return found
	}, nil
}
