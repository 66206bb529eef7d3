namespace Devloop.Diagnostics;

/// <summary>Every diagnostic code once. 1xxx config, 2xxx graph, 3xxx build, 4xxx cluster, 5xxx environment.</summary>
public static class DiagnosticCode
{
    // 1xxx: what the user wrote.
    public const string ConfigNotFound = "DL1001";
    public const string ConfigSyntax = "DL1002";
    public const string UnknownKey = "DL1003";
    public const string WrongType = "DL1004";
    public const string MissingKey = "DL1005";
    public const string DuplicateKey = "DL1006";
    public const string BadValue = "DL1007";
    public const string MissingFile = "DL1008";
    public const string NotAFile = "DL1009";
    public const string Unreadable = "DL1010";
    public const string DuplicateImage = "DL1011";
    public const string UnknownName = "DL1012";
    public const string ConflictingKeys = "DL1013";
    public const string EmptyConfig = "DL1014";
    public const string NotSupported = "DL1015";
    public const string BuilderNeedsRegistry = "DL1016";
    public const string BadCache = "DL1017";
    public const string CountsAfterRestart = "DL1018";
    public const string DockerfileSyntax = "DL1020";
    public const string DockerfileVariable = "DL1021";
    public const string UnknownStage = "DL1022";
    public const string IgnorePattern = "DL1023";
    public const string ManifestSyntax = "DL1030";
    public const string ManifestObject = "DL1031";
    public const string DuplicateObject = "DL1032";
    public const string UnusedImage = "DL1033";
    public const string UnknownResource = "DL1034";
    public const string LocalWithoutCommand = "DL1040";
    public const string LocalNameTaken = "DL1041";
    public const string BadProduces = "DL1042";
    public const string RenderFailed = "DL1045";

    public const string ResourceDisabled = "DL1050";

    // 106x: live update by steps.
    public const string NothingToSync = "DL1060";
    public const string SyncOutsideContext = "DL1061";
    public const string LivePathMissing = "DL1062";
    public const string SyncTwice = "DL1063";
    public const string LiveUpdateUnused = "DL1064";

    // 2xxx: how things hang together.
    public const string ImageCycle = "DL2001";
    public const string ResourceCycle = "DL2002";

    // 3xxx: builds.
    public const string BuildStepFailed = "DL3001";
    public const string BuildRejected = "DL3002";
    public const string BaseNotFound = "DL3003";
    public const string BuildNetwork = "DL3004";
    public const string BuildNoSpace = "DL3005";
    public const string RegistryAuth = "DL3006";
    public const string PushFailed = "DL3007";
    public const string ContextUnreadable = "DL3008";
    public const string BuilderLost = "DL3009";
    public const string PullFailed = "DL3010";
    public const string SecretMissing = "DL3011";
    public const string BuilderCannot = "DL3012";
    public const string PruneIncomplete = "DL3013";
    public const string LoadFailed = "DL3014";

    // 4xxx: the cluster.
    public const string ApplyRejected = "DL4001";
    public const string ApplyForbidden = "DL4002";
    public const string NamespaceMissing = "DL4003";
    public const string KindUnknown = "DL4004";
    public const string DeleteFailed = "DL4005";
    public const string NotHealthy = "DL4010";
    public const string HealthTimeout = "DL4011";
    public const string PortBusy = "DL4020";
    public const string PortSilent = "DL4021";
    public const string PortUnknown = "DL4022";
    public const string ForwardForbidden = "DL4023";
    public const string PodUnreachable = "DL4024";
    public const string RecordUnavailable = "DL4040";
    public const string DeletionHangs = "DL4041";
    public const string KindNotEstablished = "DL4042";
    public const string ContainerReadOnly = "DL4060";
    public const string ContainerNotPermitted = "DL4061";
    public const string ContainerNoSpace = "DL4062";
    public const string ContainerNoTransport = "DL4063";
    public const string ContainerNoSupervisor = "DL4064";
    public const string ContainerSurprise = "DL4065";
    public const string TransferBroken = "DL4066";
    public const string RunInContainerFailed = "DL4067";
    public const string TransferRejected = "DL4068";
    public const string ExecForbidden = "DL4069";

    // 403x: commands of this machine.
    public const string LocalFailed = "DL4030";
    public const string LocalNotStarted = "DL4031";
    public const string LocalUnreadable = "DL4032";
    public const string TeardownFailed = "DL4033";

    // 5xxx: the environment.
    public const string EngineUnreachable = "DL5001";
    public const string ClusterUnreachable = "DL5002";
    public const string ContextNotAllowed = "DL5003";
    public const string KubeconfigInvalid = "DL5004";
    public const string RegistryUnreachable = "DL5005";
    public const string WatchLimit = "DL5006";
    public const string BuilderUnreachable = "DL5007";
    public const string NoDelivery = "DL5008";
    public const string RegistryHosting = "DL5009";
    public const string NotRunning = "DL5010";
    public const string RunsAlready = "DL5011";
    public const string ToolMissing = "DL5012";
    public const string Crash = "DL5999";
}
