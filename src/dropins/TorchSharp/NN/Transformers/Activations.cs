namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>What stands between the two layers of a transformer's feed-forward part.</summary>
        public enum Activations
        {
            ReLU = 0,
            GELU = 1,
        }
    }
}
