using System.Collections.Immutable;
using HpcTrain.Collectives.Verification;

namespace HpcTrain.Collectives;

/// <summary>A message of a schedule and the step in which it travels.</summary>
/// <param name="Step">The step, from 1 on.</param>
/// <param name="From">The rank that sends it.</param>
/// <param name="To">The rank that receives it.</param>
/// <param name="Chunks">What it carries.</param>
/// <param name="Source">The buffer that it leaves.</param>
/// <param name="Target">The buffer that it comes to.</param>
/// <param name="Reduces">Whether the receive reduces it into what is there.</param>
public sealed record TimedTransfer(int Step, int From, int To, ChunkRange Chunks, BufferId Source, BufferId Target, bool Reduces);

/// <summary>A copy or reduction inside a rank, and the step after whose messages it happens.</summary>
/// <param name="Step">The step, from 0 on: 0 is before all messages.</param>
/// <param name="Rank">The rank.</param>
/// <param name="Instruction">What it does.</param>
public sealed record TimedLocal(int Step, int Rank, Instruction Instruction);

/// <summary>
/// What happens when in a schedule, if every message takes one step, local work takes none, and all links and ranks work at once: the earliest step
/// that lanes and dependencies allow. The number of steps is that of the verifier's report.
/// </summary>
public sealed class ScheduleTimeline
{
    private ScheduleTimeline(Schedule schedule, SymbolicRun run)
    {
        Schedule = schedule;
        Report = run.Report;
        var sends = new Dictionary<(int From, int To, int Channel), Queue<Instruction>>();
        foreach ((int rank, InstructionId id, Instruction instruction, int channel) in Instructions(run))
        {
            if (instruction.Operation != Operation.Send)
                continue;
            if (!sends.TryGetValue((rank, instruction.Peer, channel), out Queue<Instruction>? queue))
                sends.Add((rank, instruction.Peer, channel), queue = new());
            queue.Enqueue(instruction);
        }

        // Messages of a channel are matched first in, first out, and one lane on each side uses it.
        var transfers = new List<TimedTransfer>();
        var locals = new List<TimedLocal>();
        foreach ((int rank, InstructionId id, Instruction instruction, int channel) in Instructions(run))
        {
            int step = run.StepOf(rank, id);
            if (!instruction.Operation.IsTransfer())
                locals.Add(new(step, rank, instruction));
            if (instruction.Operation is not (Operation.Recv or Operation.RecvReduce))
                continue;
            Instruction sent = sends[(instruction.Peer, rank, channel)].Dequeue();
            bool reduces = instruction.Operation == Operation.RecvReduce;
            transfers.Add(new(step, instruction.Peer, rank, instruction.Chunks, sent.Buffer, instruction.Buffer, reduces));
        }

        Transfers = [.. transfers.OrderBy(transfer => transfer.Step)];
        Locals = [.. locals.OrderBy(local => local.Step)];
    }

    /// <summary>The schedule.</summary>
    public Schedule Schedule { get; }

    /// <summary>What the verifier found out.</summary>
    public VerificationReport Report { get; }

    /// <summary>All messages by step; within a step by receiver, lane and instruction.</summary>
    public ImmutableArray<TimedTransfer> Transfers { get; }

    /// <summary>All local instructions by step; within a step by rank, lane and instruction.</summary>
    public ImmutableArray<TimedLocal> Locals { get; }

    /// <summary>Verifies a schedule and lays out its time.</summary>
    /// <exception cref="ScheduleException">The schedule is wrong.</exception>
    public static ScheduleTimeline Of(Schedule schedule) => new(schedule, ScheduleVerifier.Prove(schedule));

    private static IEnumerable<(int Rank, InstructionId Id, Instruction Instruction, int Channel)> Instructions(SymbolicRun run)
    {
        for (int rank = 0; rank < run.Schedule.Ranks; rank++)
        {
            foreach ((int l, Lane lane) in run.Program(rank).Lanes.Index())
            {
                foreach ((int i, Instruction instruction) in lane.Instructions.Index())
                    yield return (rank, new(l, i), instruction, lane.Channel);
            }
        }
    }
}
