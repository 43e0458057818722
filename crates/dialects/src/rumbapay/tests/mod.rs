//! Tests of the whole dialect through its trait, as the server uses it.
