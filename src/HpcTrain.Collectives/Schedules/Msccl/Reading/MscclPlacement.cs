namespace HpcTrain.Collectives.Msccl;

/// <summary>Where the chunks that lie in the places of one GPU lie in the buffers of the rank's program.</summary>
internal sealed class MscclPlacement
{
    // Idea. A place of MSCCL holds one chunk after another; a place of a schedule is a buffer and a chunk. So the pair of place and chunk gets
    // a buffer. The home of a chunk in input and output is the data buffer. Everything else gets the next scratch buffer that is free for
    // the chunk; so does what a step keeps in registers.
    // Where input and output are two memories, they share data if the order of steps lets them: whoever reads one of them finds the
    // value that it would find if they were apart. Otherwise the chunk's output lies in scratch and is copied at the end.
    private readonly MscclPlaces _places;
    private readonly List<MscclStepRun> _order;
    private readonly HashSet<MscclStepRun> _inPlace = [];
    private readonly HashSet<int> _apart;
    private readonly Dictionary<(int Place, int Chunk), BufferId> _scratch = [];
    private readonly Dictionary<int, int> _scratchCounts = [];

    public MscclPlacement(MscclPlaces places, List<MscclStepRun> order)
    {
        _places = places;
        _order = order;
        FindDyingSources();
        _apart = FindChunksApart();
    }

    /// <summary>The chunks whose output lies in scratch until the end, with the buffer.</summary>
    public IEnumerable<(ChunkRange Chunks, BufferId Buffer)> Apart
    {
        get
        {
            var runs = new List<(ChunkRange Chunks, BufferId Buffer)>();
            for (int place = 0; place < _places.Count; place++)
            {
                if (_places.OutputHome(place) is var chunk && !_apart.Contains(chunk))
                    continue;
                BufferId buffer = BufferOf(place, chunk);
                if (runs.Count > 0 && runs[^1] is var last && last.Buffer == buffer && _places.AreNeighbours(last.Chunks.End - 1, chunk))
                    runs[^1] = (new(last.Chunks.First, last.Chunks.Count + 1), buffer);
                else
                    runs.Add((chunk, buffer));
            }

            return runs;
        }
    }

    /// <summary>The buffer that a step reads for its k-th chunk.</summary>
    public BufferId Source(MscclStepRun run, int k) => BufferOf(_places.Number(run.Step.Source + k), run.Chunks[k]);

    /// <summary>
    /// The buffer that holds a step's k-th chunk when it is done, and from which it is sent on: its target; the source of a send, and of a reduction
    /// in registers when nobody reads that again; or scratch in place of registers.
    /// </summary>
    public BufferId Kept(MscclStepRun run, int k) => run.Step.Type switch
    {
        MscclStepType.Send => Source(run, k),
        MscclStepType.ReceiveReduceSend when _inPlace.Contains(run) => Source(run, k),
        MscclStepType.ReceiveReduceSend => Scratch(_places.Count + run.Id.Block, run.Chunks[k]),
        _ => BufferOf(_places.Number(run.Step.Target + k), run.Chunks[k]),
    };

    /// <summary>Whether one instruction cannot move a step's k-th chunk together with the one before it.</summary>
    public bool IsCut(MscclStepRun run, int k) =>
        !_places.AreNeighbours(run.Chunks[k - 1], run.Chunks[k])
        || Kept(run, k) != Kept(run, k - 1)
        || (run.Step.Type.ReadsSource() && Source(run, k) != Source(run, k - 1));

    private BufferId BufferOf(int place, int chunk) =>
        (_places.InputHome(place) == chunk || (_places.OutputHome(place) == chunk && !_apart.Contains(chunk))) ? BufferId.Data : Scratch(place, chunk);

    private BufferId Scratch(int place, int chunk)
    {
        if (_scratch.TryGetValue((place, chunk), out BufferId buffer))
            return buffer;
        int number = _scratchCounts.GetValueOrDefault(chunk) + 1;
        if (number > byte.MaxValue)
        {
            throw new ScheduleException(
                $"GPU {_order[0].Rank} keeps chunk {chunk} in more than {byte.MaxValue} places, but a schedule has {byte.MaxValue} scratch buffers.");
        }

        _scratchCounts[chunk] = number;
        buffer = BufferId.Scratch(number);
        _scratch.Add((place, chunk), buffer);
        return buffer;
    }

    /// <summary>Goes through the steps backwards to find the sources of reductions in registers that nobody reads later.</summary>
    private void FindDyingSources()
    {
        var isRead = new bool[_places.Count];
        for (int place = 0; place < isRead.Length; place++)
            isRead[place] = _places.Receives && _places.OutputHome(place) != MscclPlaces.NoChunk;
        for (int i = _order.Count - 1; i >= 0; i--)
        {
            MscclStepRun run = _order[i];
            MscclStep step = run.Step;
            if (step.Type == MscclStepType.ReceiveReduceSend && Enumerable.Range(0, step.Count).All(k => !isRead[_places.Number(step.Source + k)]))
                _inPlace.Add(run);
            for (int k = 0; k < step.Count && step.Type.WritesTarget(); k++)
                isRead[_places.Number(step.Target + k)] = step.Type == MscclStepType.Reduce;
            for (int k = 0; k < step.Count && step.Type.ReadsSource(); k++)
                isRead[_places.Number(step.Source + k)] = true;
        }
    }

    private HashSet<int> FindChunksApart()
    {
        var values = new Dictionary<int, Values>();
        for (int place = 0; place < _places.Count; place++)
        {
            // Version 0 is nothing, 1 the contribution.
            if (_places.InputHome(place) is var input and not MscclPlaces.NoChunk && _places.OutputHome(place) != input)
                values.Add(input, new(1, 0, 1));
        }

        var outputs = new HashSet<int>(Enumerable.Range(0, _places.Count).Select(_places.OutputHome));
        var apart = new HashSet<int>();
        int version = 1;
        foreach (MscclStepRun run in _order)
        {
            MscclStep step = run.Step;
            for (int k = 0; k < step.Count; k++)
            {
                int chunk = run.Chunks[k];
                if (!outputs.Contains(chunk) || !values.TryGetValue(chunk, out Values value))
                    continue;
                if (step.Type.ReadsSource())
                    Read(step.Source + k, chunk, value);
                if (step.Type == MscclStepType.Reduce)
                    Read(step.Target + k, chunk, value);
                version++;
                if (_inPlace.Contains(run))
                    value = Written(step.Source + k, chunk, value, version);
                if (step.Type == MscclStepType.Copy && IsIdentity(step, k, chunk))
                    value = value with { Input = value.Shared, Output = value.Shared };
                else if (step.Type.WritesTarget())
                    value = Written(step.Target + k, chunk, value, version);
                values[chunk] = value;
            }
        }

        foreach ((int chunk, Values value) in values)
        {
            if (_places.Receives && outputs.Contains(chunk) && value.Shared != value.Output)
                apart.Add(chunk);
        }

        return apart;

        void Read(MscclPlace place, int chunk, Values value)
        {
            int number = _places.Number(place);
            if ((_places.InputHome(number) == chunk && value.Shared != value.Input) || (_places.OutputHome(number) == chunk && value.Shared != value.Output))
                apart.Add(chunk);
        }
    }

    private Values Written(MscclPlace place, int chunk, Values value, int version)
    {
        int number = _places.Number(place);
        return _places.InputHome(number) == chunk ? value with { Input = version, Shared = version }
            : _places.OutputHome(number) == chunk ? value with { Output = version, Shared = version }
            : value;
    }

    /// <summary>Whether a copy moves a chunk from its home in the input to its home in the output, or back.</summary>
    private bool IsIdentity(MscclStep step, int k, int chunk) =>
        IsHome(_places.Number(step.Source + k), chunk) && IsHome(_places.Number(step.Target + k), chunk);

    private bool IsHome(int place, int chunk) => _places.InputHome(place) == chunk || _places.OutputHome(place) == chunk;

    /// <summary>Which value of a chunk lies in its input, in its output, and in data if they share it.</summary>
    private readonly record struct Values(int Input, int Output, int Shared);
}
