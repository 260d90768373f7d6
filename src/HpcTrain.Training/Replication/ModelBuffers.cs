using HpcTrain.Collectives;
using HpcTrain.Kernels;
using HpcTrain.Mpi;
using static TorchSharp.torch;

namespace HpcTrain.Training.Replication;

/// <summary>A model's buffers (as batch norm's statistics), which forward changes on each rank by what it has seen.</summary>
internal static class ModelBuffers
{
    /// <summary>Makes them what the policy says they are outside of training; a collective call.</summary>
    public static void Synchronize(FlatModel model, Intracommunicator communicator, CollectiveCommunicator collectives, BufferPolicy policy)
    {
        foreach (var (_, tensor) in model.Buffers.Where(b => b.Tensor.numel() > 0 && policy != BufferPolicy.Local))
        {
            if (policy == BufferPolicy.Average && tensor.dtype == ScalarType.Float32)
            {
                collectives.AllReduce(TensorMemory.Floats(tensor), ReduceOp.Avg);
            }
            else
            {
                communicator.Broadcast(TensorMemory.Bytes(tensor), 0);
            }
        }
    }
}
