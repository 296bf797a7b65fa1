"""An app that cannot be imported, for a deploy that must not look alive."""
raise RuntimeError("this deploy is broken")
