namespace HpcTrain.Collectives.Msccl;

/// <summary>
/// The places of one GPU as numbers, with input and output on each other where the algorithm works in place, and the chunk of the collective
/// that each of them is the home of.
/// </summary>
internal sealed class MscclPlaces
{
    public const int NoChunk = -1;

    private readonly MscclAlgorithm _algorithm;
    private readonly int _rank;
    private readonly int[] _inputHome;
    private readonly int[] _outputHome;

    public MscclPlaces(MscclAlgorithm algorithm, int rank)
    {
        _algorithm = algorithm;
        _rank = rank;
        Count = algorithm.InputChunks + algorithm.OutputChunks + algorithm.Gpus[rank].ScratchChunks;
        _inputHome = new int[Count];
        _outputHome = new int[Count];
        Array.Fill(_inputHome, NoChunk);
        Array.Fill(_outputHome, NoChunk);
        for (int k = 0; k < algorithm.InputChunks; k++)
            _inputHome[Number(new(MscclBuffer.Input, k))] = InputChunk(k);
        for (int k = 0; k < algorithm.OutputChunks; k++)
            _outputHome[Number(new(MscclBuffer.Output, k))] = OutputChunk(k);
    }

    public int Count { get; }

    /// <summary>The chunk that the rank contributes there, or <see cref="NoChunk"/>: the place is not in the input.</summary>
    public int InputHome(int place) => _inputHome[place];

    /// <summary>The chunk whose result belongs there, or <see cref="NoChunk"/>: the place is not in the output.</summary>
    public int OutputHome(int place) => _outputHome[place];

    /// <summary>Whether the rank's contribution lies in its input when the algorithm starts.</summary>
    public bool Contributes => _algorithm.Collective is not (CollectiveKind.Broadcast or CollectiveKind.Scatter) || _rank == _algorithm.Root;

    /// <summary>Whether the result must lie in the rank's output when the algorithm ends.</summary>
    public bool Receives => _algorithm.Collective is not (CollectiveKind.Reduce or CollectiveKind.Gather) || _rank == _algorithm.Root;

    /// <summary>Whether one instruction may move both chunks: they follow each other and, in an all-to-all, come from the same rank.</summary>
    public bool AreNeighbours(int chunk, int next) =>
        next == chunk + 1 && (_algorithm.Collective != CollectiveKind.AllToAll || next % _algorithm.Chunks != 0);

    /// <summary>The number of a place: input first, then output, then scratch; places in the same memory have the same number.</summary>
    public int Number(MscclPlace place)
    {
        int inputs = _algorithm.InputChunks, outputs = _algorithm.OutputChunks, k = place.Offset;
        if (place.Buffer == MscclBuffer.Scratch)
            return inputs + outputs + k;
        if (!_algorithm.IsInPlace)
            return place.Buffer == MscclBuffer.Input ? k : inputs + k;
        return place.Buffer == MscclBuffer.Input
            ? inputs < outputs ? inputs + (_rank * inputs) + k : k
            : inputs < outputs ? inputs + k : outputs < inputs ? (_rank * outputs) + k : k;
    }

    private int InputChunk(int k) => _algorithm.Collective switch
    {
        CollectiveKind.AllGather or CollectiveKind.Gather or CollectiveKind.AllToAll => (_rank * _algorithm.InputChunks) + k,
        _ => k,
    };

    private int OutputChunk(int k)
    {
        if (_algorithm.Collective is CollectiveKind.ReduceScatter or CollectiveKind.Scatter)
            return (_rank * _algorithm.OutputChunks) + k;
        if (_algorithm.Collective != CollectiveKind.AllToAll)
            return k;
        int perPair = _algorithm.Chunks / _algorithm.Ranks;
        return (k / perPair * _algorithm.Chunks) + (_rank * perPair) + (k % perPair);
    }
}
