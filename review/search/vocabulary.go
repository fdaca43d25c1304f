package search

import (
	"sort"
	"strings"
)

// vocabulary is every word that the documents use, in order, with the number
// of its stem. The words lie end to end in one string.
type vocabulary struct {
	blob  string
	at    []uint32 // where word i starts; one more for the end
	stems []uint32
	same  []uint8  // bytes that word i has in common with the one before
	named []uint64 // one bit for each word: whether a name has it
}

func (v *vocabulary) size() int { return len(v.stems) }

func (v *vocabulary) word(i int) string { return v.blob[v.at[i]:v.at[i+1]] }

func (v *vocabulary) isNamed(i int) bool { return v.named[i/64]&(1<<(i%64)) != 0 }

// from gives the first word that is not before text.
func (v *vocabulary) from(text string) int {
	return sort.Search(v.size(), func(i int) bool { return v.word(i) >= text })
}

func (v *vocabulary) find(word string) (i int, ok bool) {
	i = v.from(word)
	return i, i < v.size() && v.word(i) == word
}

// stem gives the number of the stem of a word; the word itself need not be
// known, only its stem.
func (v *vocabulary) stem(word string) (number uint32, ok bool) {
	i, ok := v.find(word)
	if !ok {
		i, ok = v.find(stem(word))
	}
	if !ok {
		return 0, false
	}
	return v.stems[i], true
}

// startingWith gives the range of the words that start so.
func (v *vocabulary) startingWith(prefix string) (first, end int) {
	first = v.from(prefix)
	rest := sort.Search(v.size()-first, func(i int) bool { return !strings.HasPrefix(v.word(first+i), prefix) })
	return first, first + rest
}

// near is a word that is a few letters from another.
type near struct {
	word     int
	distance int
}

// mostSpelled limits how long a word may be to be looked up with mistakes.
const mostSpelled = 24

// nearby lists the words within a distance of a word: letters that are other,
// too many, missing or swapped. With begun, the word may be the beginning of
// what is found. It goes through the words in order, and what they have in
// common with the one before is not worked out again.
func (v *vocabulary) nearby(word string, most int, begun bool) []near {
	if len(word) > mostSpelled {
		return nil
	}
	var found []near
	var rows [mostSpelled + 4][mostSpelled + 1]uint8 // row d: distances of d letters of the present word
	for j := range rows[0] {
		rows[0][j] = uint8(min(j, 255))
	}
	dead := len(rows) + longestWord // from this depth on nothing is near
	hit, hitAt := 0, dead           // with begun: from this depth on all is near
	for i := range v.size() {
		same := int(v.same[i])
		if same >= dead {
			continue
		}
		if begun && same >= hitAt {
			found = append(found, near{i, hit})
			continue
		}
		dead, hitAt = len(rows)+longestWord, len(rows)+longestWord
		text := v.word(i)
		for d := same; d < len(text); d++ {
			if d+1 >= len(rows) || nextRow(&rows, text, word, d) > most {
				dead = d + 1
				break
			}
			if end := int(rows[d+1][len(word)]); begun && end <= most {
				hit, hitAt = end, d+1
				found = append(found, near{i, end})
				break
			}
		}
		if dead > len(text) && !begun {
			if end := int(rows[len(text)][len(word)]); end <= most {
				found = append(found, near{i, end})
			}
		}
	}
	return found
}

// nextRow works out row d+1 from the two before and gives its least distance.
func nextRow(rows *[mostSpelled + 4][mostSpelled + 1]uint8, text, word string, d int) int {
	above, row := &rows[d], &rows[d+1]
	row[0] = uint8(d + 1)
	least := row[0]
	for j := 1; j <= len(word); j++ {
		cost := above[j-1]
		if text[d] != word[j-1] {
			cost = 1 + min(above[j-1], above[j], row[j-1])
			if d > 0 && j > 1 && text[d] == word[j-2] && text[d-1] == word[j-1] {
				cost = min(cost, 1+rows[d-1][j-2])
			}
		}
		row[j] = cost
		least = min(least, cost)
	}
	return int(least)
}
