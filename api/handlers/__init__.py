"""The JSON API: read the request, make one call, shape the reply. One file for each noun."""
