package taxonomy

import "github.com/atelier-attack/atelier/review/attack"

// Graph is what lies around an object: it, what is related to it by kind of
// relation, and, with two steps, what is related to that. It is bounded: of
// many it shows the first few and says how many more there are.
type Graph struct {
	Root  Link        `json:"root"`
	Steps int         `json:"steps"`
	Nodes []GraphNode `json:"nodes" doc:"the root first; each behind the one that led to it"`
	Edges []GraphEdge `json:"edges"`
}

// Kinds of nodes.
const (
	NodeObject = "object" // an object
	NodeGroup  = "group"  // what is related to the root in one way
	NodeMore   = "more"   // what is left out
)

// GraphNode is an object, or stands for several.
type GraphNode struct {
	ID        string `json:"id"`
	Kind      string `json:"kind" enum:"object,group,more"`
	Step      int    `json:"step" doc:"how far from the root; a group counts as what is in it"`
	Label     string `json:"label"`
	TypeLabel string `json:"type_label" doc:"of an object"`
	Object    *Link  `json:"object,omitempty" doc:"of an object, and of more: where the list of all is"`
	Key       string `json:"key" doc:"of a group, and of more: the section of the page that lists all"`
	Count     int    `json:"count" doc:"of a group: how many are in it; of more: how many are left out"`
}

// GraphEdge leads from a node to what is behind it.
type GraphEdge struct {
	From  string `json:"from"`
	To    string `json:"to"`
	Label string `json:"label" doc:"how the objects are related, between two objects"`
}

// How much a graph shows.
const (
	mostSteps    = 2
	firstInGroup = 6  // of each kind of relation of the root
	firstBehind  = 3  // of all that is related to one of those
	mostBehind   = 90 // of all in the second step
)

// Graph draws what lies around an object, in one or two steps, by STIX id or
// ATT&CK id.
func (s *Snapshot) Graph(id string, steps int) (g Graph, ok bool) {
	o, ok := s.Object(id)
	if !ok {
		return g, false
	}
	d := drawing{Snapshot: s, at: map[string]bool{}}
	d.graph = Graph{Root: s.link(o), Steps: min(max(steps, 1), mostSteps), Edges: []GraphEdge{}}
	d.object(o, 0)
	var first []*Object
	for _, group := range s.related(o) {
		first = append(first, d.group(o, group)...)
	}
	if d.graph.Steps == mostSteps {
		for _, one := range first {
			d.behind(one)
		}
	}
	return d.graph, true
}

type drawing struct {
	*Snapshot
	graph Graph
	at    map[string]bool // ids of nodes
	far   int             // nodes of the second step
}

func (d *drawing) add(n GraphNode) {
	d.at[n.ID] = true
	d.graph.Nodes = append(d.graph.Nodes, n)
}

func (d *drawing) edge(from, to, label string) {
	d.graph.Edges = append(d.graph.Edges, GraphEdge{from, to, label})
}

func (d *drawing) object(o *Object, step int) {
	link := d.link(o)
	d.add(GraphNode{ID: o.ID, Kind: NodeObject, Step: step, Label: link.Name, TypeLabel: o.TypeLabel(), Object: &link})
}

// group draws what is related to the root in one way, and gives the objects
// that are new.
func (d *drawing) group(root *Object, g group) []*Object {
	node := GraphNode{ID: "group:" + g.key, Kind: NodeGroup, Step: 1, Label: g.label, Key: g.key}
	var others []*Object
	seen := map[string]bool{root.ID: true}
	for _, e := range g.ends {
		if !seen[e.ID] {
			seen[e.ID] = true
			others = append(others, e.Object)
		}
	}
	if len(others) == 0 {
		return nil
	}
	node.Count = len(others)
	d.add(node)
	d.edge(root.ID, node.ID, "")
	shown := len(others)
	if shown > firstInGroup+1 { // "and 1 more" takes as much room as the one
		shown = firstInGroup
	}
	var fresh []*Object
	for _, other := range others[:shown] {
		if !d.at[other.ID] {
			d.object(other, 1)
			fresh = append(fresh, other)
		}
		d.edge(node.ID, other.ID, "")
	}
	d.more(root, node.ID, g.key, len(others)-shown, 1)
	return fresh
}

// behind draws some of what is related to an object of the first step.
func (d *drawing) behind(o *Object) {
	left, shown := 0, 0
	joined := map[string]bool{d.graph.Root.STIXID: true, o.ID: true}
	for _, g := range d.related(o) {
		for _, e := range g.ends {
			switch {
			case joined[e.ID]:
				continue
			case d.at[e.ID]: // two that are there are joined whatever the bounds
			case shown == firstBehind || d.far == mostBehind:
				joined[e.ID] = true
				left++
				continue
			default:
				d.object(e.Object, 2)
				shown++
				d.far++
			}
			joined[e.ID] = true
			d.edge(o.ID, e.ID, g.label)
		}
	}
	d.more(o, o.ID, "", left, 2)
}

// more says how many are left out behind a node, and where all are.
func (d *drawing) more(o *Object, behind, key string, count, step int) {
	if count == 0 {
		return
	}
	link := d.link(o)
	id := "more:" + behind
	d.add(GraphNode{ID: id, Kind: NodeMore, Step: step, Label: "", Object: &link, Key: key, Count: count})
	d.edge(behind, id, "")
}

// TypeNames are the types of ATT&CK as people call them.
type TypeNames struct {
	Type   string `json:"type" doc:"as STIX has it"`
	Label  string `json:"label"`
	Plural string `json:"plural"`
}

// ObjectTypes lists the types that ATT&CK has, and behind them those that only
// the data has.
func (s *Snapshot) ObjectTypes() []TypeNames {
	list := []TypeNames{}
	known := map[string]bool{}
	for _, t := range attack.Types() {
		known[t.Name] = true
		list = append(list, TypeNames{t.Name, t.Label, t.Plural})
	}
	for _, o := range s.all {
		if !known[o.Type] {
			known[o.Type] = true
			t := attack.Describe(o.Type)
			list = append(list, TypeNames{t.Name, t.Label, t.Plural})
		}
	}
	return list
}
