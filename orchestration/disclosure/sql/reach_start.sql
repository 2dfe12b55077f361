-- Where the search for what to hide begins: the pinned cells.
select cell as target, cell, item from _pins
