using HpcTrain.Collectives.Execution;
using HpcTrain.Collectives.Gpu.Execution;
using HpcTrain.Kernels;
using HpcTrain.Kernels.Gpu;
using HpcTrain.Kernels.Gpu.Memory;

namespace HpcTrain.Collectives.Gpu.Staging;

/// <summary>Runs calls on device memory by collectives of the host on page-locked pieces.</summary>
internal sealed unsafe class StagedPipeline : IDisposable
{
    // Idea. The pieces of all calls form one line. A piece is copied out, waits for its turn, is in a collective of the host, is copied in, and then its
    // staging is free for the piece that comes as many places later as there are stagings. Each stage moves in the order of the line, so that all ranks start the
    // host's collectives in the same order however fast their devices copy. While one piece is in a collective, the device copies its neighbours.
    // Cost of a long call on one piece in each stage at a time: that of the slowest stage, and of the others for one piece.
    private readonly CollectiveCommunicator _communicator;
    private readonly DeviceKernels _kernels;
    private readonly AcceleratorDevice _device;
    private readonly PinnedStaging _staging;
    private readonly Queue<StagedOperation> _waiting = new();
    private readonly Piece[] _pieces;
    private readonly Dictionary<(CollectiveOptions, Schedule), CollectiveOptions> _options = [];
    private readonly List<PieceRun> _runs = [];
    private readonly List<StagedPart> _parts = [];
    private readonly long _pieceBytes;
    private long _started;
    private long _called;
    private long _returned;
    private long _done;
    private bool _hasFailed;

    public StagedPipeline(CollectiveCommunicator communicator, DeviceKernels kernels, AcceleratorDevice device, long pieceBytes, int pieces)
    {
        (_communicator, _kernels, _device, _pieceBytes) = (communicator, kernels, device, pieceBytes);
        _staging = new(kernels.Accelerator, pieceBytes, pieces, kernels.Stream);
        _pieces = new Piece[pieces];
    }

    /// <summary>Puts a call at the end of the line.</summary>
    public StagedOperation Start(in CollectiveCall call, CollectiveOptions options)
    {
        (Schedule? schedule, ElementType partialType) = _communicator.PlanOf(in call, options);
        var layout = new PieceLayout(in call, schedule, partialType, _communicator.Rank, _communicator.Size, _pieceBytes);
        var operation = new StagedOperation(in call, schedule == null ? options : With(options, schedule), layout);
        _waiting.Enqueue(operation);
        Progress();
        return operation;
    }

    /// <summary>Moves on what can move, without waiting.</summary>
    /// <returns>Whether anything moved.</returns>
    public bool Progress()
    {
        long before = _started + _called + _returned + _done;
        try
        {
            for (; _done < _returned && _staging[Slot(_done)].IsDone; _done++)
                _pieces[Slot(_done)].Operation!.Done++;
            for (; _returned < _called && _pieces[Slot(_returned)].Request.Test(); _returned++)
                CopyIn(Slot(_returned));
            for (; _called < _started && _staging[Slot(_called)].IsDone; _called++)
                Call(Slot(_called));
            while (_started < _done + _staging.Count && _waiting.TryPeek(out StagedOperation? operation))
            {
                CopyOut(Slot(_started++), operation);
                if (operation.Started == operation.Layout.Pieces)
                    _waiting.Dequeue();
            }
        }
        catch
        {
            _hasFailed = true;
            throw;
        }

        return _started + _called + _returned + _done != before;
    }

    /// <summary>Moves all on until an operation is done.</summary>
    public CollectiveResult Wait(StagedOperation operation)
    {
        Patience patience = _communicator.MakePatience();
        while (!operation.IsDone)
        {
            if (Progress())
                patience.Restart();
            else if (!patience.Wait())
                throw Stalled();
        }

        return operation.Result;
    }

    /// <summary>Completes what is under way and frees the memory.</summary>
    public void Dispose()
    {
        try
        {
            while (!_hasFailed && _pieces[Slot(Math.Max(0, _started - 1))].Operation is { IsDone: false } last)
                Wait(last);
        }
        catch (ScheduleException)
        {
            // Told by the request; an error here would hide the one that led here.
        }

        // After a failure a peer's message may still come; the memory is then left where it is.
        if (!_hasFailed)
            _staging.Dispose();
    }

    private void CopyOut(int slot, StagedOperation operation)
    {
        int number = operation.Started++;
        _pieces[slot] = new() { Operation = operation, Number = number };
        operation.Layout.Inputs(number, _runs);
        _staging[slot].StartCopyOut(Parts(operation, operation.Call.Source, offset: 0));
    }

    private void Call(int slot)
    {
        ref Piece piece = ref _pieces[slot];
        PieceLayout layout = piece.Operation!.Layout;
        CollectiveCall call = piece.Operation.Call;
        var memory = (byte*)_staging[slot].Pointer;
        piece.Request = _communicator.Start(
            new()
            {
                Collective = call.Collective,
                Source = memory,
                Destination = memory + layout.OutputOffset(piece.Number),
                Count = layout.Count(piece.Number),
                Type = call.Type,
                Op = call.Op,
                Root = call.Root,
                Factor = call.Factor,
            },
            piece.Operation.Options);
    }

    private void CopyIn(int slot)
    {
        ref Piece piece = ref _pieces[slot];
        StagedOperation operation = piece.Operation!;
        CollectiveResult result = piece.Request.Wait();
        operation.Result = result with { SentBytes = result.SentBytes + operation.Result.SentBytes, Path = DeviceCollectives.StagingName };
        operation.Layout.Outputs(piece.Number, _runs);
        _staging[slot].StartCopyIn(Parts(operation, operation.Call.Destination, operation.Layout.OutputOffset(piece.Number)));
    }

    private ReadOnlySpan<StagedPart> Parts(StagedOperation operation, void* memory, long offset)
    {
        int size = operation.Call.Type.SizeInBytes();
        _parts.Clear();
        foreach (PieceRun run in _runs)
            _parts.Add(new(_device.View((byte*)memory + (run.Whole * size), run.Length * size), offset + (run.Piece * size)));
        return System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_parts);
    }

    /// <summary>The options of a call's pieces: the schedule that the whole call would run, whatever their own length would choose.</summary>
    private CollectiveOptions With(CollectiveOptions options, Schedule schedule)
    {
        if (!_options.TryGetValue((options, schedule), out CollectiveOptions? found))
            _options.Add((options, schedule), found = options with { Schedule = schedule });
        return found;
    }

    private ScheduleException Stalled()
    {
        _hasFailed = true;
        return _returned < _called
            ? _pieces[Slot(_returned)].Request.Stalled()
            : new($"Rank {_communicator.Rank}: a copy between {_kernels.Description} and a staging piece was not done after "
                + $"{_communicator.StallTimeout.TotalSeconds:0.###} s; the kernels before it in the stream may hang.");
    }

    private int Slot(long piece) => (int)(piece % _pieces.Length);

    /// <summary>A piece under way, or the last one that was.</summary>
    private struct Piece
    {
        public StagedOperation? Operation;
        public int Number;
        public CollectiveRequest Request;
    }
}
