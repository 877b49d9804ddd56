"""Many radiographs: from files, folders, archives and object stores to one table.

``find_inputs`` lists what there is, ``score_all`` turns it into rows one after another, and
``run_batch`` writes them into a table that survives being killed. The columns are in ``rows``.
"""
