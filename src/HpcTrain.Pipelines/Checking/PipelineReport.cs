using System.Collections.Immutable;

namespace HpcTrain.Pipelines;

/// <summary>What the checker found out about a correct schedule.</summary>
/// <param name="Actions">The actions of all ranks together.</param>
/// <param name="Messages">The messages between ranks.</param>
/// <param name="PeakActivations">For each rank the most chunk activations that it keeps at a time: <see cref="ActivationMemory.PeakCount"/>.</param>
/// <param name="Buffers">For each chunk the buffers for received messages.</param>
public sealed record PipelineReport(int Actions, int Messages, ImmutableArray<int> PeakActivations, ImmutableArray<MessageBuffers> Buffers);
