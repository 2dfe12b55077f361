"""An edition's figures: what it holds, and what changed since the last."""

# The public interface: what other packages may use.
__all__ = ["changes", "contents"]
