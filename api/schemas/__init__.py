"""The shapes of requests and replies. Tables are never sent or received."""
