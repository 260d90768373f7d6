using HpcTrain.Collectives;

namespace HpcTrain.Benchmarking.Measuring;

/// <summary>A collective of ours.</summary>
internal sealed class CollectiveContender(CollectiveCommunicator communicator, CollectiveCall call, CollectiveOptions options, string label) : Contender
{
    private readonly CollectiveCall _call = call;
    private CollectiveRequest _request;

    public override string Label => label;

    public override bool NamesStalls => true;

    /// <summary>What the latest call reported.</summary>
    public CollectiveResult Latest { get; private set; }

    /// <summary>Why the call is done as it is.</summary>
    public string Reason => communicator.Explain(in _call, options).Reason;

    public override void Run() => Latest = communicator.Run(in _call, options);

    public override void Start() => _request = communicator.Start(in _call, options);

    public override bool Test() => _request.Test();

    public override void Wait() => Latest = _request.Wait();
}
