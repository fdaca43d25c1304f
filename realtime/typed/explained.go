package typed

import (
	"encoding/json"
	"fmt"
)

// Explained is something in a text that looked as if it must not be shared, and
// why its author says that it may.
type Explained struct {
	Key    string `json:"key" doc:"stands for it in all texts"`
	Text   string `json:"text" doc:"as it stands there"`
	Reason string `json:"reason"`
}

// WriteExplained gives explanations as they are stored.
func WriteExplained(list []Explained) (string, error) {
	text, err := json.Marshal(append([]Explained{}, list...))
	if err != nil {
		return "", fmt.Errorf("write explanations: %w", err)
	}
	return string(text), nil
}

// ReadExplained reads stored explanations; none is nil.
func ReadExplained(text string) ([]Explained, error) {
	var list []Explained
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("read explanations: %w", err)
	}
	if len(list) == 0 {
		return nil, nil
	}
	return list, nil
}
