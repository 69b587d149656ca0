package figure

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"exodus/app/internal/store"
)

// in development: draws all kinds of the results in directories
func TestLook(t *testing.T) {
	out := os.Getenv("LOOK")
	if out == "" {
		return
	}
	for _, name := range []string{"run", "batch", "sweep1", "sweep2", "sens"} {
		from, err := store.Read("/tmp/look/" + name)
		if err != nil {
			t.Fatal(err)
		}
		var kinds []string
		for _, k := range Kinds {
			kinds = append(kinds, k.Name)
		}
		r, err := From(t.Context(), from, kinds...)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range kinds {
			f, err := Draw(k, r, Options{})
			if err != nil {
				t.Log(name, k, err)
				continue
			}
			for _, size := range Sizes {
				for _, d := range []bool{false, true} {
					c, err := f.Write("png", Paper{Size: size.Name, Dark: d, DPI: 150}, nil)
					if err != nil {
						t.Fatal(err)
					}
					mode := "light"
					if d {
						mode = "dark"
					}
					os.WriteFile(filepath.Join(out, name+"-"+k+"-"+size.Name+"-"+mode+".png"), c, 0o644)
				}
			}
			w, _ := os.Create(filepath.Join(out, name+"-"+k+"-window.png"))
			png.Encode(w, f.Image(1200, 700, 1, false))
			w.Close()
			for _, format := range []string{"svg", "pdf", "tex"} {
				c, err := f.Write(format, Paper{}, ReceiptOf(from, "v", Options{}))
				if err != nil {
					t.Fatal(err)
				}
				if _, err := Extract(c); err != nil {
					t.Error(name, k, format, err)
				}
				os.WriteFile(filepath.Join(out, name+"-"+k+"."+format), c, 0o644)
			}
		}
	}
}
