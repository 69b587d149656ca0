// Command app is exodus with a window.
package main

import (
	"bytes"
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"github.com/go-gl/glfw/v3.3/glfw"
	"golang.design/x/clipboard"

	"exodus/app/internal/desktop"
	_ "exodus/app/internal/locale" // before Fyne looks
	"exodus/app/internal/session"
	"exodus/app/internal/store"
	"exodus/assets"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "exodus:", err)
		os.Exit(1)
	}
}

// run shows a scenario until its window is closed.
func run(args []string) error {
	if len(args) > 1 {
		return errors.New("one scenario can be opened, by its name or file")
	}
	if runtime.GOOS == "linux" && os.Getenv("DISPLAY") == "" && os.Getenv("WAYLAND_DISPLAY") == "" {
		return errors.New("there is no display; " + windowless)
	}
	if err := openDisplay(); err != nil {
		return fmt.Errorf("the display cannot be opened (%w); %s", err, windowless)
	}
	// What a lever leaves behind is garbage soon: collected sooner than is usual it takes a third less memory, and no more time.
	debug.SetGCPercent(50)
	config := session.Config{Version: store.Version(), Platform: store.Platform()}
	if len(args) == 1 {
		config.Scenario = args[0]
	}
	if dir, err := os.UserConfigDir(); err == nil {
		config.Dir = filepath.Join(dir, "exodus")
	}
	app.SetMetadata(fyne.AppMetadata{ID: "io.exodus.app", Name: "exodus", Version: "0.1.0", Icon: fyne.NewStaticResource("icon.png", assets.Icon),
		// What is drawn is drawn by the window's own goroutine. Fyne believes it, and does not look at the stack at each refresh.
		Migrations: map[string]bool{"fyneDo": true}})
	seen := make(chan struct{})
	config.Seen = seen
	s := session.New(config)
	desktop.New(app.NewWithID("io.exodus.app"), s, copyPicture).Run(func() { close(seen) })
	return s.Close()
}

// openDisplay opens the display as Fyne will. Fyne itself would go on without one, and panic where it needs it; GLFW logs
// why it cannot be opened, and returns no error.
func openDisplay() (err error) {
	var said bytes.Buffer
	log.SetOutput(&said)
	log.SetFlags(0)
	defer func() {
		log.SetOutput(os.Stderr)
		log.SetFlags(log.LstdFlags)
		if p := recover(); p != nil {
			err = errors.New(strings.TrimSpace(cmp.Or(strings.Split(said.String(), "\n")[0], fmt.Sprint(p))))
		}
	}()
	if err := glfw.Init(); err != nil {
		return err
	}
	glfw.GetPrimaryMonitor() // panics without a display
	return nil
}

const windowless = "without a window, use go run ./app/exodus run meta-scale"

// copyPicture puts a PNG on the clipboard, where Fyne puts text only.
func copyPicture(png []byte) error {
	if err := clipboard.Init(); err != nil {
		return fmt.Errorf("copy: %w", err)
	}
	clipboard.Write(clipboard.FmtImage, png)
	return nil
}
