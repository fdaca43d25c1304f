package taxonomy

import "github.com/atelier-attack/atelier/review/attack"

// SmallMatrix is the part of a domain's matrix that an object is about.
type SmallMatrix struct {
	Domain  string        `json:"domain"`
	Name    string        `json:"name"`
	Columns []SmallColumn `json:"columns"`
}

// SmallColumn is a tactic with those of its techniques that are meant.
type SmallColumn struct {
	Tactic     TacticRef   `json:"tactic"`
	Techniques []SmallCell `json:"techniques"`
}

// SmallCell is a technique that is meant, or of which a sub-technique is.
type SmallCell struct {
	Object        Link   `json:"object"`
	Meant         bool   `json:"meant" doc:"false: only sub-techniques of it are"`
	Subtechniques []Link `json:"subtechniques"`
}

// fewTechniques is up to how many techniques need no matrix.
const fewTechniques = 2

// smallMatrices puts a group of techniques into the matrices of the domains;
// none where other objects are in the group.
func (s *Snapshot) smallMatrices(g group) []SmallMatrix {
	if len(g.ends) <= fewTechniques {
		return nil
	}
	meant := map[string]bool{}
	for _, e := range g.ends {
		if e.Type != attack.TypeTechnique {
			return nil
		}
		meant[e.ID] = true
	}
	var list []SmallMatrix
	for _, state := range s.states {
		m := SmallMatrix{Domain: state.domain.ID, Name: state.domain.Name}
		for _, t := range state.matrix.Tactics {
			column := SmallColumn{Tactic: TacticRef{t.Shortname, t.Name, t.AttackID, t.STIXID}}
			for _, technique := range t.Techniques {
				cell := SmallCell{s.byID[technique.STIXID].Link(), meant[technique.STIXID], []Link{}}
				for _, sub := range technique.Subtechniques {
					if meant[sub.STIXID] {
						cell.Subtechniques = append(cell.Subtechniques, s.byID[sub.STIXID].Link())
					}
				}
				if cell.Meant || len(cell.Subtechniques) > 0 {
					column.Techniques = append(column.Techniques, cell)
				}
			}
			if len(column.Techniques) > 0 {
				m.Columns = append(m.Columns, column)
			}
		}
		if len(m.Columns) > 0 {
			list = append(list, m)
		}
	}
	return list
}
