package review

import "context"

// MayWrite says whether somebody may write in the texts of a proposal's draft,
// as it is now.
func (p *Proposals) MayWrite(ctx context.Context, actor Actor, id string) error {
	row, err := find(p.db.WithContext(ctx), actor, id)
	if err != nil {
		return err
	}
	_, err = transition(actor, row, ActionEdit)
	return err
}
