using HpcTrain.Collectives;
using HpcTrain.Collectives.Simulation;

namespace HpcTrain.Cli.Simulate;

/// <summary>Keeps what happens in a simulation, to be drawn.</summary>
internal sealed class LinkRecord : ISimulationTrace
{
    /// <summary>More than a picture or a viewer has room for.</summary>
    public const int MostPassages = 2_000_000;

    private readonly List<(int Link, SimulatedMessage Message, double Start, double End)> _passages = [];
    private readonly List<(int Rank, int Lane, ChunkRange Chunks, long Bytes, double Start, double End)> _reductions = [];

    /// <summary>What passed which link when, in seconds.</summary>
    public IReadOnlyList<(int Link, SimulatedMessage Message, double Start, double End)> Passages => _passages;

    /// <summary>What ranks reduced or copied when, in seconds.</summary>
    public IReadOnlyList<(int Rank, int Lane, ChunkRange Chunks, long Bytes, double Start, double End)> Reductions => _reductions;

    public void OnLink(int link, in SimulatedMessage message, double start, double end)
    {
        _passages.Add((link, message, start, end));
        RequireRoom();
    }

    public void OnMessage(in SimulatedMessage message, double start, double end)
    {
    }

    public void OnReduce(int rank, int lane, ChunkRange chunks, long bytes, double start, double end)
    {
        _reductions.Add((rank, lane, chunks, bytes, start, end));
        RequireRoom();
    }

    private void RequireRoom()
    {
        if (_passages.Count + _reductions.Count > MostPassages)
            throw new ScheduleException($"The timeline has more than {MostPassages} messages on links; take fewer ranks, a smaller buffer or a longer --segment, or leave out --trace and --svg.");
    }
}
