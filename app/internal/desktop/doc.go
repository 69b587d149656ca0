// Package desktop is the window: it draws the newest snapshot of a session, and sends the session commands.
//
// It decides nothing. What there is to show comes from session.Snapshot, and what the reader does becomes a
// method of session.Session; neither is waited for. A snapshot is drawn when the window is ready for it, and those
// that came in between are passed over.
//
// A page is a file: a constructor that lays it out, and a refresh that draws a snapshot.
package desktop
