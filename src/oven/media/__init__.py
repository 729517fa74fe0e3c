"""Pure decisions about pictures, time, sound and ffmpeg's command lines."""
