namespace HpcTrain.Collectives.Msccl;

/// <summary>Runs all GPUs of an algorithm together, to find which chunk of the collective every place holds at every step.</summary>
internal sealed class MscclRun
{
    // Idea. An event simulation in which every step takes one unit of time, and connections buffer what is sent, as MSCCL's do. A thread
    // block whose next step can run stands in a queue by the time at which it can; one that waits is parked at the block or the connection
    // that it waits for. Time matters only for the order of steps that nothing orders: those that can run early come early, sends first, which is
    // what lets the schedule work in place (see MscclPlacement).
    private readonly MscclAlgorithm _algorithm;
    private readonly int[] _firstBlocks;
    private readonly BlockState[] _blocks;
    private readonly int[][] _contents;
    private readonly Dictionary<(int From, int To, int Channel), Connection> _connections = [];
    private readonly PriorityQueue<int, (long Time, bool Waits, int Block)> _ready = new();

    public MscclRun(MscclAlgorithm algorithm)
    {
        _algorithm = algorithm;
        _firstBlocks = new int[algorithm.Ranks + 1];
        Places = new MscclPlaces[algorithm.Ranks];
        Order = new List<MscclStepRun>[algorithm.Ranks];
        _contents = new int[algorithm.Ranks][];
        var blocks = new List<BlockState>();
        for (int rank = 0; rank < algorithm.Ranks; rank++)
        {
            Places[rank] = new(algorithm, rank);
            Order[rank] = [];
            _contents[rank] = Contents(Places[rank]);
            foreach (MscclBlock block in algorithm.Gpus[rank].Blocks)
            {
                if (block.SendPeer >= 0)
                    ConnectionOf(rank, block.SendPeer, block.Channel).Sender = blocks.Count;
                if (block.ReceivePeer >= 0)
                    ConnectionOf(block.ReceivePeer, rank, block.Channel).Receiver = blocks.Count;
                blocks.Add(new(rank, blocks.Count - _firstBlocks[rank], block));
            }

            _firstBlocks[rank + 1] = blocks.Count;
        }

        _blocks = [.. blocks];
    }

    /// <summary>The places of each GPU.</summary>
    public MscclPlaces[] Places { get; }

    /// <summary>The steps of each GPU, in an order in which they may happen.</summary>
    public List<MscclStepRun>[] Order { get; }

    /// <exception cref="ScheduleException">Steps wait for ever, read what is not there or reduce different chunks; the message names the line.</exception>
    public void Run()
    {
        for (int b = 0; b < _blocks.Length; b++)
        {
            CheckDependencies(_blocks[b]);
            Consider(b);
        }

        while (_ready.TryDequeue(out int block, out (long Time, bool, int) moment))
            Execute(block, moment.Time);
        if (Array.FindIndex(_blocks, block => block.Current != null) is var stuck and >= 0)
            throw MscclDeadlock.Explain(this, stuck);
        foreach (Connection connection in _connections.Values)
        {
            if (connection.Messages.TryPeek(out (MscclStepRun Step, long) lost))
                throw Wrong(lost.Step.Rank, lost.Step.Id, lost.Step.Step, "sends what no step receives");
        }

        CheckResults();
    }

    /// <summary>The error for one step.</summary>
    public static ScheduleException Wrong(int rank, MscclStepId id, MscclStep step, string what) =>
        XmlPlace.WrongAt(step.Line, $"step {id.Step} ({step.Type.Name()}) of thread block {id.Block} of GPU {rank} {what}");

    public BlockState Block(int number) => _blocks[number];

    /// <summary>The block that a standing block waits for, or -1 when there is none.</summary>
    public int Awaited(int number)
    {
        BlockState block = _blocks[number];
        MscclStep step = block.Current!;
        if (step.After is { } after && _blocks[_firstBlocks[block.Rank] + after.Block].Next <= after.Step)
            return _firstBlocks[block.Rank] + after.Block;
        return ConnectionOf(block.Block.ReceivePeer, block.Rank, block.Block.Channel).Sender;
    }

    private static int[] Contents(MscclPlaces places)
    {
        var contents = new int[places.Count];
        for (int place = 0; place < contents.Length; place++)
            contents[place] = places.Contributes ? places.InputHome(place) : MscclPlaces.NoChunk;
        return contents;
    }

    private Connection ConnectionOf(int from, int to, int channel)
    {
        if (!_connections.TryGetValue((from, to, channel), out Connection? connection))
            _connections.Add((from, to, channel), connection = new());
        return connection;
    }

    private void CheckDependencies(BlockState block)
    {
        IReadOnlyList<MscclBlock> blocks = _algorithm.Gpus[block.Rank].Blocks;
        for (int s = 0; s < block.Block.Steps.Count; s++)
        {
            MscclStep step = block.Block.Steps[s];
            if (step.After is not { } after)
                continue;
            var id = new MscclStepId(block.Number, s);
            if (after.Block >= blocks.Count || after.Step >= blocks[after.Block].Steps.Count)
                throw Wrong(block.Rank, id, step, $"waits for step {after.Step} of thread block {after.Block}, which does not exist");
            if (!blocks[after.Block].Steps[after.Step].IsAwaited)
            {
                throw Wrong(block.Rank, id, step,
                    $"waits for step {after.Step} of thread block {after.Block}, which never says that it is done; give it hasdep=\"1\"");
            }
        }
    }

    private void Consider(int number)
    {
        BlockState block = _blocks[number];
        if (block.Current is not { } step)
            return;
        long time = block.Time;
        if (step.After is { } after)
        {
            BlockState awaited = _blocks[_firstBlocks[block.Rank] + after.Block];
            if (awaited.Next <= after.Step)
            {
                awaited.Waiters.Add(number);
                return;
            }

            time = Math.Max(time, awaited.Times[after.Step]);
        }

        if (step.Type.Receives())
        {
            Connection connection = ConnectionOf(block.Block.ReceivePeer, block.Rank, block.Block.Channel);
            if (!connection.Messages.TryPeek(out (MscclStepRun, long Time) message))
            {
                connection.IsAwaited = true;
                return;
            }

            time = Math.Max(time, message.Time);
        }

        _ready.Enqueue(number, (time, !step.Type.Sends(), number));
    }

    private void Execute(int number, long time)
    {
        BlockState block = _blocks[number];
        MscclStep step = block.Current!;
        var id = new MscclStepId(block.Number, block.Next);
        long done = step.Type == MscclStepType.Nop ? time : time + 1;
        MscclStepRun? sender = step.Type.Receives()
            ? ConnectionOf(block.Block.ReceivePeer, block.Rank, block.Block.Channel).Messages.Dequeue().Step
            : null;
        var run = new MscclStepRun(block.Rank, id, step, Move(block.Rank, id, step, sender), sender);
        sender?.Receiver = run;
        Order[block.Rank].Add(run);
        block.Finish(done);

        if (step.Type.Sends())
        {
            Connection connection = ConnectionOf(block.Rank, block.Block.SendPeer, block.Block.Channel);
            connection.Messages.Enqueue((run, done));
            if (connection.IsAwaited)
            {
                connection.IsAwaited = false;
                Consider(connection.Receiver);
            }
        }

        int[] waiters = [.. block.Waiters];
        block.Waiters.Clear();
        foreach (int waiter in waiters)
            Consider(waiter);
        Consider(number);
    }

    /// <summary>Moves the chunks that a step moves, and says which they are.</summary>
    private int[] Move(int rank, MscclStepId id, MscclStep step, MscclStepRun? sender)
    {
        int[] contents = _contents[rank];
        if (sender != null && sender.Step.Count != step.Count)
            throw Wrong(rank, id, step, $"receives {step.Count} chunks where line {sender.Step.Line} sends {sender.Step.Count}");
        var chunks = new int[step.Count];
        for (int k = 0; k < step.Count; k++)
        {
            chunks[k] = sender?.Chunks[k] ?? Content(step.Source + k);
            if (step.Type.ReducesReceived())
                CheckSame(step.Source + k, chunks[k]);
            else if (step.Type == MscclStepType.Reduce)
                CheckSame(step.Target + k, chunks[k]);
        }

        for (int k = 0; k < step.Count && step.Type.WritesTarget(); k++)
            contents[Places[rank].Number(step.Target + k)] = chunks[k];
        return chunks;

        int Content(MscclPlace place)
        {
            int chunk = contents[Places[rank].Number(place)];
            return chunk != MscclPlaces.NoChunk ? chunk : throw Wrong(rank, id, step, $"reads {place}, which holds nothing yet");
        }

        void CheckSame(MscclPlace place, int chunk)
        {
            if (Content(place) is var other && other != chunk)
                throw Wrong(rank, id, step, $"reduces chunk {chunk} with chunk {other}, which lies in {place}");
        }
    }

    private void CheckResults()
    {
        for (int rank = 0; rank < _algorithm.Ranks; rank++)
        {
            for (int k = 0; k < _algorithm.OutputChunks && Places[rank].Receives; k++)
            {
                int place = Places[rank].Number(new(MscclBuffer.Output, k));
                if (_contents[rank][place] is var chunk && chunk != Places[rank].OutputHome(place))
                {
                    string found = chunk == MscclPlaces.NoChunk ? "nothing" : $"chunk {chunk}";
                    throw new ScheduleException($"GPU {rank} ends with {found} in o[{k}] instead of chunk {Places[rank].OutputHome(place)}.");
                }
            }
        }
    }

    /// <summary>Where a thread block stands.</summary>
    public sealed class BlockState(int rank, int number, MscclBlock block)
    {
        public int Rank => rank;

        public int Number => number;

        public MscclBlock Block => block;

        public int Next { get; private set; }

        public long Time { get; private set; }

        public long[] Times { get; } = new long[block.Steps.Count];

        public List<int> Waiters { get; } = [];

        /// <summary>The step that it stands at, or null at its end.</summary>
        public MscclStep? Current => Next < block.Steps.Count ? block.Steps[Next] : null;

        public void Finish(long time)
        {
            Time = time;
            Times[Next++] = time;
        }
    }

    private sealed class Connection
    {
        public Queue<(MscclStepRun Step, long Time)> Messages { get; } = new();

        public int Sender { get; set; } = -1;

        public int Receiver { get; set; } = -1;

        public bool IsAwaited { get; set; }
    }
}
