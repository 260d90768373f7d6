namespace HpcTrain.Collectives.Diagnostics;

/// <summary>What a rank's recorder tells about it.</summary>
/// <param name="Called">The number of its last call; 0 when it has called nothing.</param>
/// <param name="Slot">Its oldest call that is not done; when all are done, its last.</param>
/// <param name="AgeMilliseconds">How long ago that was called.</param>
internal readonly record struct RankRecord(long Called, FlightSlot Slot, long AgeMilliseconds)
{
    /// <summary>Whether that call is done.</summary>
    public bool IsIdle => Called == 0 || Slot.State == FlightState.Done;

    /// <summary>How long ago it ended, for a call that is done.</summary>
    public long DoneMilliseconds => Math.Max(0, AgeMilliseconds - Slot.Milliseconds);
}

/// <summary>What is known of a rank when a collective has stalled.</summary>
/// <param name="Rank">The rank.</param>
/// <param name="Answers">Whether it said so itself: it waits in a collective of the communicator. Otherwise a neighbour has looked.</param>
/// <param name="HasRecord">Whether anyone could look at what it recorded.</param>
/// <param name="Record">What it recorded.</param>
/// <param name="Remark">Of a rank that answers: for whom it waits. Of others: what its process does, as far as known.</param>
internal sealed record RankReport(int Rank, bool Answers, bool HasRecord, RankRecord Record, string Remark)
{
    public void Write(BinaryWriter writer)
    {
        writer.Write(Rank);
        writer.Write(Answers);
        writer.Write(HasRecord);
        writer.Write(System.Runtime.InteropServices.MemoryMarshal.AsBytes(new ReadOnlySpan<RankRecord>([Record])));
        writer.Write(Remark);
    }

    public static RankReport Read(BinaryReader reader)
    {
        int rank = reader.ReadInt32();
        bool answers = reader.ReadBoolean(), hasRecord = reader.ReadBoolean();
        RankRecord record = default;
        reader.BaseStream.ReadExactly(System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<RankRecord>(ref record)));
        return new(rank, answers, hasRecord, record, reader.ReadString());
    }
}
