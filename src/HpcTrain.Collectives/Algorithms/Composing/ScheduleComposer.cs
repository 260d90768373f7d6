using System.Collections.Immutable;
using HpcTrain.Collectives.Verification;

namespace HpcTrain.Collectives.Algorithms;

/// <summary>Makes one schedule of several that follow each other.</summary>
internal sealed class ScheduleComposer
{
    // Idea. Phases follow each other; in a phase several schedules may run side by side on different ranks. A rank's program is those of its parts one
    // after the other, each with the part's ranks and chunks replaced by what plays them here. A chunk of a part may be several runs of chunks here;
    // an instruction then becomes one instruction for each of them, on both ends in the same order.
    // Nothing separates the phases: the writer lets an instruction wait only for earlier ones that touch the same chunks. So a chunk that is done with
    // one phase goes through the next while others are not, and as every wait leads back to an earlier phase or stays within a part, parts without
    // deadlocks make a whole without deadlocks. Each phase has its own channels; scratch buffers are used again.
    private readonly ChunkRefinement _refinement;
    private readonly List<Phase> _phases = [];

    private ScheduleComposer(int ranks, ImmutableArray<Chunk> chunks, IReadOnlyList<ImmutableArray<PlacedSchedule>> phases)
    {
        _refinement = new(chunks, phases.SelectMany(parts => parts));
        int channel = 0;
        foreach (ImmutableArray<PlacedSchedule> parts in phases)
        {
            _phases.Add(new(ranks, channel, parts));
            channel += parts.IsEmpty ? 0 : parts.Max(part => part.Channels);
        }
    }

    /// <summary>Composes a schedule.</summary>
    /// <param name="spec">What it has to achieve; whether the phases do, only the verifier knows.</param>
    /// <param name="name">Its algorithm.</param>
    /// <param name="chunks">Its chunks, as coarse as the parts' blocks need them.</param>
    /// <param name="phases">The phases in order; no rank is in two parts of one phase.</param>
    public static Schedule Compose(ScheduleSpec spec, string name, ImmutableArray<Chunk> chunks, IReadOnlyList<ImmutableArray<PlacedSchedule>> phases)
    {
        var composer = new ScheduleComposer(spec.Ranks, chunks, phases);
        return ProgramWriter.MakeSchedule(spec, name, composer._refinement.Chunks, composer.Write);
    }

    private void Write(ProgramWriter program, int rank)
    {
        foreach (Phase phase in _phases)
        {
            if (phase.PartOf[rank] is not { } part)
                continue;
            RankProgram own = part.Schedule.Program(phase.PlaceOf[rank]);
            LaneWriter[] lanes = [.. own.Lanes.Select(lane => program.Lane(phase.FirstChannel + lane.Channel))];
            ChunkRange[][] places = _refinement.Find(part);
            foreach (InstructionId id in new ProgramOrder(part.Schedule, phase.PlaceOf[rank], own).Line)
            {
                Instruction instruction = own[id];
                int peer = instruction.Operation.IsTransfer() ? part.Ranks[instruction.Peer] : -1;
                foreach (ChunkRange run in Runs(places.AsSpan(instruction.Chunks.First, instruction.Chunks.Count)))
                    lanes[id.Lane].Add(instruction with { Chunks = run, Peer = peer });
            }
        }
    }

    /// <summary>The fewest runs of chunks that make up the given chunks of a part.</summary>
    private static List<ChunkRange> Runs(ReadOnlySpan<ChunkRange[]> places)
    {
        var pieces = new List<ChunkRange>();
        foreach (ChunkRange[] place in places)
            pieces.AddRange(place);
        pieces.Sort((a, b) => a.First.CompareTo(b.First));
        var runs = new List<ChunkRange>();
        foreach (ChunkRange piece in pieces)
        {
            if (runs.Count > 0 && runs[^1].End == piece.First)
                runs[^1] = runs[^1] with { Count = runs[^1].Count + piece.Count };
            else
                runs.Add(piece);
        }

        return runs;
    }

    /// <summary>The part that each rank is in, and which rank of the part it is.</summary>
    private sealed class Phase
    {
        public Phase(int ranks, int firstChannel, ImmutableArray<PlacedSchedule> parts)
        {
            FirstChannel = firstChannel;
            PartOf = new PlacedSchedule?[ranks];
            PlaceOf = new int[ranks];
            foreach (PlacedSchedule part in parts)
            {
                for (int place = 0; place < part.Ranks.Length; place++)
                    (PartOf[part.Ranks[place]], PlaceOf[part.Ranks[place]]) = (part, place);
            }
        }

        public int FirstChannel { get; }

        public PlacedSchedule?[] PartOf { get; }

        public int[] PlaceOf { get; }
    }
}
