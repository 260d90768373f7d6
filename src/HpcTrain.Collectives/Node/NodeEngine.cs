using HpcTrain.Collectives.Diagnostics;
using HpcTrain.Collectives.Execution;

namespace HpcTrain.Collectives.Node;

/// <summary>Runs collectives among the ranks of one node by loads and stores, one after the other, in the order in which they are called.</summary>
internal sealed unsafe class NodeEngine : IDisposable
{
    private readonly NodeMemory _memory;
    private readonly NodeBoard _board;
    private readonly bool _ownCores;
    private readonly NodeRun _now;
    private long _called;
    private long _ended;

    /// <param name="memory">The node's memory; it stays the caller's.</param>
    /// <param name="ownCores">Whether each rank has a core to itself, so that looking again is quicker than giving way.</param>
    public NodeEngine(NodeMemory memory, bool ownCores)
    {
        _memory = memory;
        _board = new NodeBoard(memory);
        _ownCores = ownCores;
        _now = new NodeRun(memory, _board);
    }

    /// <summary>Whether a run is under way.</summary>
    public bool IsBusy => _called != _ended;

    /// <summary>Whether the last call of <see cref="RunNow"/> took long enough for a clock to notice.</summary>
    public bool WasLong { get; private set; }

    /// <summary>For whom <see cref="RunNow"/> waits, or waited when it failed; nothing otherwise.</summary>
    public IReadOnlyList<string> WaitsNow => _now.IsDone ? [] : [_now.Wait];

    /// <summary>Makes a run that can be started again and again.</summary>
    public NodeRun MakeRun() => new(_memory, _board);

    /// <summary>Does a call from begin to end; none may be under way.</summary>
    /// <returns>How the data travelled.</returns>
    /// <exception cref="ScheduleException">A rank called something else, or nothing moved for the time-out.</exception>
    public string RunNow(in CollectiveCall call, NodePlan plan, TimeSpan stallTimeout, StallDesk desk)
    {
        NodeRun run = _now;
        WasLong = plan.Protocol == NodeProtocol.Buffers;
        Begin(run, in call, plan);
        if (!run.Step() || !run.IsDone)
        {
            var patience = new Patience(stallTimeout, _ownCores, desk);
            while (!run.IsDone)
            {
                if (run.Step())
                    patience.Restart();
                else if (!patience.Wait())
                    throw run.Stalled(patience.Waited);
            }

            WasLong |= patience.WasLong;
        }

        End();
        return run.Path;
    }

    /// <summary>Gives the run its turn.</summary>
    public void Begin(NodeRun run, in CollectiveCall call, NodePlan plan) => run.Begin(in call, plan, ++_called);

    /// <summary>Moves a run on if the ones before it have ended.</summary>
    /// <returns>Whether it moved.</returns>
    public bool Step(NodeRun run)
    {
        if (run.Operation != _ended + 1)
            return false;
        bool moved = run.Step();
        if (run.IsDone)
            End();
        return moved;
    }

    public void Dispose()
    {
        _now.Dispose();
        _board.Dispose();
    }

    private void End() => _ended++;
}
