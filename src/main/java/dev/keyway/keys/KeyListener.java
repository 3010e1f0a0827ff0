package dev.keyway.keys;

/** Told of each change of a key's state. Must return at once. */
public interface KeyListener {
    void onKeyEvent(KeyEvent event);
}
