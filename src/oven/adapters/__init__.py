"""The world outside: files, archives, pictures, ffmpeg, stores."""
