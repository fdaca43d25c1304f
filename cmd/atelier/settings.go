package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"
)

// settings are what the file of --config holds, by the name of the flag. A
// setting that is also in the environment or on the command line is taken from
// there.
type settings map[string]any

// settingsFile reads the file of --config.
func settingsFile(r io.Reader) (kong.Resolver, error) {
	d := json.NewDecoder(r)
	d.UseNumber()
	var s settings
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("the settings are no JSON object such as {\"listen\": \"localhost:8080\"}: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("there is something behind the JSON object of the settings")
	}
	return s, nil
}

// Validate refuses what is no setting, because a typing error must not pass.
func (s settings) Validate(app *kong.Application) error {
	known := map[string]bool{}
	for _, f := range flags(app) {
		known[f.Name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(s)) {
		if !known[name] || name == "config" || name == "help" {
			return fmt.Errorf("the file of --config has %q, which is no setting", name)
		}
		switch s[name].(type) {
		case string, bool, json.Number:
		default:
			return fmt.Errorf("the file of --config has no plain value for %q", name)
		}
	}
	return nil
}

// Resolve gives the value of a flag that was not on the command line; nil
// leaves it.
func (s settings) Resolve(_ *kong.Context, _ *kong.Path, f *kong.Flag) (any, error) {
	if slices.ContainsFunc(f.Envs, func(name string) bool { _, ok := os.LookupEnv(name); return ok }) {
		return nil, nil
	}
	value, ok := s[f.Name]
	if !ok {
		return nil, nil
	}
	return fmt.Sprint(value), nil
}

// flags lists the flags of the program and of all commands, each with the
// command that it belongs to.
func flags(app *kong.Application) []commandFlag {
	var list []commandFlag
	for _, f := range app.Flags {
		list = append(list, commandFlag{f, ""})
	}
	for _, leaf := range app.Leaves(true) {
		command := strings.TrimPrefix(leaf.Path(), app.Path()+" ")
		command, _, _ = strings.Cut(command, " <")
		for _, f := range leaf.Flags {
			list = append(list, commandFlag{f, command})
		}
	}
	return list
}

type commandFlag struct {
	*kong.Flag
	command string
}

// help prints what kong prints, and for the program as a whole all that can be
// configured.
func help(options kong.HelpOptions, ctx *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil || ctx.Selected() != nil {
		return err
	}
	fmt.Fprint(ctx.Stdout, "\nSettings, as a flag or a variable of the environment:\n")
	w := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	for _, f := range flags(ctx.Model) {
		if f.Name == "help" {
			continue
		}
		flag := strings.TrimSpace(f.command + " --" + f.Name)
		if !f.IsBool() {
			flag += "=" + cmp.Or(f.Tag.PlaceHolder, strings.ToUpper(f.Name))
		}
		text := f.Help
		if f.Default != "" {
			text += fmt.Sprintf(" Default: %s.", f.Default)
		}
		fmt.Fprintf(w, "  %s\t%s\t%s\n", flag, strings.Join(f.Envs, " "), text)
	}
	fmt.Fprint(w, "\nThe file of --config holds any of them by the name of the flag, such as\n"+
		"  {\"data\": \"/srv/atelier\", \"listen\": \"localhost:8080\", \"base-url\": \"https://atelier.example\"}\n"+
		"A flag counts before the environment, and that before the file.\n")
	return w.Flush()
}
