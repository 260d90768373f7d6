namespace HpcTrain.Pipelines.Checking;

/// <summary>
/// Walks a rank's program: every action is possible where it stands, and at the end everything is done that a rank owes, once.
/// </summary>
internal sealed class CompletenessCheck
{
    [Flags]
    private enum Done : byte
    {
        None = 0,
        Received = 1,
        Forward = 2,
        Sent = 4,
        GradientReceived = 8,
        Backward = 16,
        GradientSent = 32,
        Weight = 64,
        Split = 128,
    }

    private readonly PipelineSchedule _schedule;
    private readonly int _rank;
    private readonly Done[] _done;
    private readonly bool[] _reduced;
    private readonly int[] _weights;
    private int _at;

    private CompletenessCheck(PipelineSchedule schedule, int rank)
    {
        (_schedule, _rank) = (schedule, rank);
        _done = new Done[schedule.Chunks * schedule.MicroBatches];
        _reduced = new bool[schedule.Chunks];
        _weights = new int[schedule.Chunks];
    }

    public static void Run(PipelineSchedule schedule, int rank)
    {
        var check = new CompletenessCheck(schedule, rank);
        for (check._at = 0; check._at < schedule.Programs[rank].Length; check._at++)
            check.Do(schedule.Programs[rank][check._at]);
        check.End();
    }

    private void Do(PipelineAction action)
    {
        CheckNames(action);
        if (_schedule.Purpose == PipelinePurpose.Evaluation && action.Kind is not (ActionKind.Forward or ActionKind.SendActivation or ActionKind.ReceiveActivation))
            throw Wrong("has no place in an evaluation, which goes forward only");
        switch (action.Kind)
        {
            case ActionKind.ReceiveActivation:
                Message(action, Done.Received, Done.None, "");
                break;
            case ActionKind.Forward:
                Require(HasInput(action), "comes before its input");
                Mark(action, Done.Forward);
                break;
            case ActionKind.SendActivation:
                Message(action, Done.Sent, Done.Forward, "comes before the forward that computes what it sends");
                break;
            case ActionKind.ReceiveGradient:
                Message(action, Done.GradientReceived, Done.None, "");
                break;
            case ActionKind.Backward or ActionKind.BackwardInput:
                Require(Has(action, 0, Done.Forward), "comes before its forward");
                Require(HasGradient(action), "comes before the gradient of its output");
                Mark(action, Done.Backward, action.Kind == ActionKind.Backward ? Done.Weight : Done.Split);
                break;
            case ActionKind.BackwardWeight:
                Require(Has(action, 0, Done.Split), Has(action, 0, Done.Backward) ? "is done already, by a whole backward" : "comes before the backward of its input");
                Mark(action, Done.Weight);
                break;
            case ActionKind.SendGradient:
                Message(action, Done.GradientSent, Done.Backward, "comes before the backward that computes what it sends");
                break;
            case ActionKind.ReduceGradients:
                Require(!_reduced[action.Chunk], "comes twice");
                Require(_weights[action.Chunk] == _schedule.MicroBatches, $"comes before the chunk's last backward: {_weights[action.Chunk]} of {_schedule.MicroBatches} are done");
                _reduced[action.Chunk] = true;
                break;
            default:
                foreach (int chunk in _schedule.ChunksOf[_rank])
                    Require(_reduced[chunk], $"comes before the gradients of chunk {chunk} are reduced");
                Require(_at == _schedule.Programs[_rank].Length - 1, "is not the last; nothing may follow the step");
                break;
        }
    }

    private void CheckNames(PipelineAction action)
    {
        if (action.Kind == ActionKind.Step)
            return;
        Require((uint)action.Chunk < (uint)_schedule.Chunks, $"names a chunk that does not exist; chunks are numbered from 0 to {_schedule.Chunks - 1}");
        Require(_schedule.Placement[action.Chunk] == _rank, $"is not the rank's own: chunk {action.Chunk} is on rank {_schedule.Placement[action.Chunk]}");
        Require(!action.Kind.HasMicroBatch() || (uint)action.MicroBatch < (uint)_schedule.MicroBatches,
            $"names a micro-batch that does not exist; they are numbered from 0 to {_schedule.MicroBatches - 1}");
    }

    private void Message(PipelineAction action, Done what, Done needs, string otherwise)
    {
        int first = Math.Min(action.Chunk, PipelineSchedule.PeerChunk(action));
        if (!_schedule.IsBoundary(first))
        {
            throw Wrong(first < 0 || first + 1 >= _schedule.Chunks ? "has no other end: the model ends there"
                : $"is not needed: chunks {first} and {first + 1} are on the same rank");
        }

        Require(needs == Done.None || Has(action, 0, needs), otherwise);
        Mark(action, what);
    }

    private void Mark(PipelineAction action, Done what, Done also = Done.None)
    {
        ref Done done = ref _done[(action.Chunk * _schedule.MicroBatches) + action.MicroBatch];
        Require((done & what) == 0, "comes twice");
        if (((what | also) & Done.Weight) != 0)
            _weights[action.Chunk]++;
        done |= what | also;
    }

    /// <summary>Whether a forward's input is there: that of the model, a message, or the output of the chunk before on the same rank.</summary>
    private bool HasInput(PipelineAction action) => action.Chunk == 0
        || (_schedule.IsBoundary(action.Chunk - 1) ? Has(action, 0, Done.Received) : Has(action, -1, Done.Forward));

    /// <summary>Whether the gradient of a chunk's output is there: that of the loss, a message, or that of the next chunk's input on the same rank.</summary>
    private bool HasGradient(PipelineAction action) => action.Chunk == _schedule.Chunks - 1
        || (_schedule.IsBoundary(action.Chunk) ? Has(action, 0, Done.GradientReceived) : Has(action, 1, Done.Backward));

    private bool Has(PipelineAction action, int chunksOn, Done what) => (_done[((action.Chunk + chunksOn) * _schedule.MicroBatches) + action.MicroBatch] & what) != 0;

    private void End()
    {
        bool trains = _schedule.Purpose == PipelinePurpose.Training;
        foreach (int chunk in _schedule.ChunksOf[_rank])
        {
            Done owed = Done.Forward | (_schedule.IsBoundary(chunk) ? Done.Sent : 0) | (trains ? Done.Backward | Done.Weight : 0)
                | (trains && _schedule.IsBoundary(chunk - 1) ? Done.GradientSent : 0);
            for (int microBatch = 0; microBatch < _schedule.MicroBatches; microBatch++)
            {
                Done missing = owed & ~_done[(chunk * _schedule.MicroBatches) + microBatch];
                if (missing != 0)
                    throw CheckFault.At(_schedule, _rank, $"has no {NameOf(missing)} of micro-batch {microBatch}, chunk {chunk}");
            }

            if (trains && !_reduced[chunk])
                throw CheckFault.At(_schedule, _rank, $"has no {PipelineAction.Reduce(chunk)}");
        }

        if (trains && _schedule.Programs[_rank] is not [.., { Kind: ActionKind.Step }])
            throw CheckFault.At(_schedule, _rank, "has no step at its end");
    }

    private static string NameOf(Done missing) => missing switch
    {
        _ when missing.HasFlag(Done.Forward) => ActionKind.Forward.Name(),
        _ when missing.HasFlag(Done.Sent) => ActionKind.SendActivation.Name(),
        _ when missing.HasFlag(Done.Backward) => ActionKind.Backward.Name(),
        _ when missing.HasFlag(Done.GradientSent) => ActionKind.SendGradient.Name(),
        _ => ActionKind.BackwardWeight.Name(),
    };

    private void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw Wrong(otherwise);
    }

    private PipelineException Wrong(string what) => CheckFault.At(_schedule, _rank, _at, what);
}
