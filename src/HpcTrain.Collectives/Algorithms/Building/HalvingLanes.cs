namespace HpcTrain.Collectives.Algorithms;

/// <summary>Recursive halving and doubling over a member's exchanges: one lane out, one lane in.</summary>
internal sealed class HalvingLanes(ProgramWriter program, Exchange[] exchanges)
{
    /// <summary>Everything that goes out.</summary>
    public LaneWriter Outgoing { get; } = program.Lane();

    /// <summary>Everything that comes in.</summary>
    public LaneWriter Incoming { get; } = program.Lane();

    /// <summary>Halving: half of what is held is given away in each step, and the other half is reduced.</summary>
    public void ReduceScatter()
    {
        foreach (Exchange exchange in exchanges)
        {
            Outgoing.Send(exchange.Partner, exchange.Given);
            Incoming.RecvReduce(exchange.Partner, exchange.Kept);
        }
    }

    /// <summary>Doubling: what is held is sent in each step, and as much comes in.</summary>
    public void AllGather()
    {
        for (int step = exchanges.Length - 1; step >= 0; step--)
        {
            Outgoing.Send(exchanges[step].Partner, exchanges[step].Kept);
            Incoming.Recv(exchanges[step].Partner, exchanges[step].Given);
        }
    }

    /// <summary>Doubling toward the member with the lowest share: the one with the upper half sends it and is done.</summary>
    public void Gather()
    {
        for (int step = exchanges.Length - 1; step >= 0; step--)
        {
            Exchange exchange = exchanges[step];
            if (exchange.Kept.First > exchange.Given.First)
            {
                Outgoing.Send(exchange.Partner, exchange.Kept);
                return;
            }

            Incoming.Recv(exchange.Partner, exchange.Given);
        }
    }
}
