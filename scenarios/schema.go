package scenarios

import (
	"encoding/json"
	"fmt"
	"math"
	"sort"
	"strings"

	"exodus/agents"
	"exodus/agents/field"
)

// Schema is a JSON Schema (draft 2020-12) of a scenario file, from the same tags that the loader reads, for
// editors that check and complete TOML.
func Schema() []byte {
	root := schemaOf(whole)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "exodus scenario"
	properties := root["properties"].(map[string]any)

	// A variant has the structure of the inputs beside its own keys, and states any part of them.
	variant := properties["variants"].(map[string]any)["additionalProperties"].(map[string]any)
	overlay := variant["properties"].(map[string]any)
	for _, name := range inputs {
		overlay[name] = optional(properties[name])
	}
	events := properties["events"].(map[string]any)["additionalProperties"].(map[string]any)
	kind := events["properties"].(map[string]any)["kind"].(map[string]any)
	kind["enum"] = agents.KindNames()
	var told []string
	for _, k := range agents.Kinds {
		told = append(told, k.Name+": "+k.Does)
	}
	kind["description"] = fmt.Sprintf("%s (%s)", kind["description"], strings.Join(told, "; "))

	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // maps of plain values
	}
	return append(out, '\n')
}

// schemaOf is the schema of a field.
func schemaOf(f *field.Field) map[string]any {
	switch f.Kind {
	case field.Date:
		return map[string]any{"type": "string", "format": "date"}
	case field.Text:
		s := map[string]any{"type": "string", "pattern": "^" + visible + "*$"}
		if f.Enum != nil {
			s = map[string]any{"type": "string", "enum": f.Enum}
		} else if f.Name == "about" { // which may have lines
			s["pattern"] = "^(" + visible + `|\n)*$`
		}
		return s
	case field.YesNo:
		return map[string]any{"type": "boolean"}
	case field.Whole:
		return limits(map[string]any{"type": "integer"}, f)
	case field.Number, field.Optional:
		return limits(map[string]any{"type": "number"}, f)
	case field.Numbers:
		return map[string]any{"type": "object", "additionalProperties": schemaOf(f.Each())}
	case field.Named:
		names := map[string]any{"pattern": "^" + visible + `*[^\s\x00-\x1f\x7f-\x9f]` + visible + "*$"} // not blank
		if taken := reserved[f.Name]; taken != "" {
			names["not"] = map[string]any{"enum": []string{taken}}
		}
		return map[string]any{"type": "object", "propertyNames": names, "additionalProperties": schemaOf(f.Each())}
	case field.List:
		return map[string]any{"type": "array", "items": schemaOf(f.Each())}
	}
	properties, required := map[string]any{}, []string{}
	fields := field.Of(f.Type).All
	for i := range fields {
		f := &fields[i]
		s := schemaOf(f)
		s["description"] = describe(f)
		if f.Default != "" {
			s["default"] = json.RawMessage(f.Default)
		}
		properties[f.Name] = s
		if f.Required {
			required = append(required, f.Name)
		}
	}
	s := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

// visible is a character that a text may have, as regular expressions of all kinds write it: no control character. Those
// that are not seen, and have a meaning in some scripts, are left to the loader.
const visible = `[^\x00-\x1f\x7f-\x9f]`

// reserved are the names that a table may not give, since everything has one of them.
var reserved = map[string]string{"vendors": agents.InHouse, "variants": Reference}

func limits(s map[string]any, f *field.Field) map[string]any {
	for name, x := range map[string]float64{"minimum": f.Min, "maximum": f.Max} {
		if !math.IsInf(x, 0) {
			s[name] = x
		}
	}
	return s
}

// describe is what a person is told of a field: its meaning, symbol, unit and plausible range.
func describe(f *field.Field) string {
	var more []string
	if f.Symbol != "" {
		more = append(more, f.Symbol)
	}
	if f.Unit != "" {
		more = append(more, "in "+f.Unit)
	}
	if f.Plausible {
		more = append(more, "plausibly "+numeral(f.Low)+" to "+numeral(f.High))
	}
	if f.Name == "metric" {
		for _, name := range metricNames() {
			more = append(more, name+": "+metrics[name].doc)
		}
	}
	if len(more) > 0 {
		return f.Doc + " (" + strings.Join(more, "; ") + ")"
	}
	return f.Doc
}

func metricNames() (names []string) {
	for name := range metrics {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// optional is a schema of which nothing is required.
func optional(schema any) any {
	in, ok := schema.(map[string]any)
	if !ok {
		return schema
	}
	out := map[string]any{}
	for key, value := range in {
		if key == "required" {
			continue
		}
		if key == "properties" {
			properties := map[string]any{}
			for name, s := range value.(map[string]any) {
				properties[name] = optional(s)
			}
			value = properties
		}
		if key == "additionalProperties" {
			value = optional(value)
		}
		out[key] = value
	}
	return out
}
