package scenarios

import (
	"encoding/json"
	"reflect"
	"sort"
	"strconv"
	"strings"

	"exodus/agents"
)

// Schema is a JSON Schema (draft 2020-12) of a scenario file, from the same tags that the loader reads, for
// editors that check and complete TOML.
func Schema() []byte {
	root := schemaOf(reflect.TypeFor[file](), "")
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
	events["properties"].(map[string]any)["kind"].(map[string]any)["enum"] = kindNames()

	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // maps of plain values
	}
	return append(out, '\n')
}

func kindNames() (names []string) {
	for name := range agents.Kinds {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// schemaOf is the schema of a struct type.
func schemaOf(t reflect.Type, tag reflect.StructTag) map[string]any {
	switch {
	case t == typeOfTime:
		return map[string]any{"type": "string", "format": "date"}
	case isNamed(t):
		return map[string]any{"type": "object", "additionalProperties": schemaOf(t.Elem(), "")}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return schemaOf(t.Elem(), tag)
	case reflect.String:
		s := map[string]any{"type": "string"}
		if enum := tag.Get("enum"); enum != "" {
			s["enum"] = strings.Split(enum, ",")
		}
		return s
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Int:
		return limits(map[string]any{"type": "integer"}, tag)
	case reflect.Float64:
		return limits(map[string]any{"type": "number"}, tag)
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": limits(map[string]any{"type": "number"}, tag)}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": schemaOf(t.Elem(), "")}
	}
	properties, required := map[string]any{}, []string{}
	for _, f := range fieldsOf(t) {
		s := schemaOf(f.typ, f.tag)
		s["description"] = describe(f.tag)
		if text := f.tag.Get("default"); text != "" {
			s["default"] = json.RawMessage(text)
		}
		properties[f.name] = s
		if f.required() {
			required = append(required, f.name)
		}
	}
	s := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	return s
}

func limits(s map[string]any, tag reflect.StructTag) map[string]any {
	for key, name := range map[string]string{"min": "minimum", "max": "maximum"} {
		if x, err := strconv.ParseFloat(tag.Get(key), 64); err == nil {
			s[name] = x
		}
	}
	return s
}

// describe is what a person is told of a field: its meaning, symbol, unit and plausible range.
func describe(tag reflect.StructTag) string {
	text := tag.Get("doc")
	var more []string
	if symbol := tag.Get("symbol"); symbol != "" {
		more = append(more, symbol)
	}
	if unit := tag.Get("unit"); unit != "" {
		more = append(more, "in "+unit)
	}
	if low := tag.Get("low"); low != "" {
		more = append(more, "plausibly "+low+" to "+tag.Get("high"))
	}
	if tag.Get("doc") == "What is measured; see the metrics." {
		for _, name := range metricNames() {
			more = append(more, name+": "+metrics[name].doc)
		}
	}
	if len(more) > 0 {
		text += " (" + strings.Join(more, "; ") + ")"
	}
	return text
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
