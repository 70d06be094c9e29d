package web

import (
	"encoding/json"
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "write openapi.json anew")

// The checked-in description is what the app's client is generated from; a change of it is a change of the API.
func TestOpenAPIIsCheckedIn(t *testing.T) {
	f := newFixture(t)
	got := f.browser().do("GET", "/api/v1/openapi.json", nil)
	var doc any
	if err := json.Unmarshal(got.body, &doc); err != nil {
		t.Fatalf("%v: %s", err, got.body)
	}
	data, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	data = append(data, '\n')
	if *update {
		if err := os.WriteFile("openapi.json", data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(data) {
		t.Error("openapi.json differs from the routes: run go test ./web -run OpenAPI -update, and look at the difference")
	}
}
