// Two tests at a time: each has an engine, a cluster and processes of its own to keep busy.
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
