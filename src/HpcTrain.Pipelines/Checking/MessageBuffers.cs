using System.Collections.Immutable;

namespace HpcTrain.Pipelines;

/// <summary>The buffers for received messages that a chunk needs so that the schedule runs in the order of its lists.</summary>
/// <param name="Activations">Inputs that have been received and whose forward has not ended, at most; 0 where nothing is received.</param>
/// <param name="Gradients">Gradients of outputs that have been received and whose backward has not ended, at most; 0 where nothing is received.</param>
public readonly record struct MessageBuffers(int Activations, int Gradients)
{
    /// <summary>Counts the buffers of every chunk along the programs.</summary>
    public static ImmutableArray<MessageBuffers> Of(PipelineSchedule schedule)
    {
        var activations = new (int Held, int Peak)[schedule.Chunks];
        var gradients = new (int Held, int Peak)[schedule.Chunks];
        foreach (ImmutableArray<PipelineAction> program in schedule.Programs)
        {
            foreach (PipelineAction action in program)
            {
                switch (action.Kind)
                {
                    case ActionKind.ReceiveActivation:
                        Receive(ref activations[action.Chunk]);
                        break;
                    case ActionKind.Forward when schedule.IsBoundary(action.Chunk - 1):
                        activations[action.Chunk].Held--;
                        break;
                    case ActionKind.ReceiveGradient:
                        Receive(ref gradients[action.Chunk]);
                        break;
                    case ActionKind.Backward or ActionKind.BackwardInput when schedule.IsBoundary(action.Chunk):
                        gradients[action.Chunk].Held--;
                        break;
                }
            }
        }

        return [.. activations.Zip(gradients, (inputs, outputs) => new MessageBuffers(inputs.Peak, outputs.Peak))];

        static void Receive(ref (int Held, int Peak) buffers) => buffers.Peak = Math.Max(buffers.Peak, ++buffers.Held);
    }
}
