package seed

import (
	"context"
	"time"

	"github.com/atelier-attack/atelier/app"
)

// PlantDemo x.
func PlantDemo(ctx context.Context, a *app.Atelier, now time.Time) error { return nil }

// DemoLinks x.
func DemoLinks(ctx context.Context, a *app.Atelier, baseURL string) ([]Link, error) { return nil, nil }
