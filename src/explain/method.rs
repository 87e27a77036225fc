/// A way to say where a network looks. A is what a layer gives, `[channels, h, w]`; y is the logit of the class that is
/// asked about; g = dy/dA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// sum_k w_k A_k, exact where global average pooling and one linear layer follow (Zhou 2016).
    Cam,
    /// sum_k mean(g_k) A_k (arXiv 1610.02391).
    GradCam,
    /// sum_k sum(a ReLU(g_k)) A_k with a = g^2 / (2 g^2 + sum(A_k) g^3) (arXiv 1710.11063).
    GradCamPlusPlus,
    /// sum_k g_k A_k, elementwise (arXiv 2011.08891).
    HiresCam,
    /// sum_k (sum(g_k A_k) / sum(A_k)) A_k (arXiv 2008.02312).
    XGradCam,
    /// sum_k ReLU(g_k) A_k, elementwise (Jiang 2021).
    LayerCam,
    /// Grad-CAM of y - alpha y', the logit of another class: why this one and not that (arXiv 2501.11309).
    FinerCam,
    /// How far y falls where a patch of the picture is greyed, for each pixel the mean of the patches over it (arXiv
    /// 1311.2901, section 4.2).
    Occlusion,
    /// x times the mean gradient on the way from black to the picture x (arXiv 1703.01365).
    IntegratedGradients,
    /// The size of the mean gradient over noisy copies of the picture (arXiv 1706.03825).
    SmoothGrad,
}

impl Method {
    pub const ALL: [Self; 10] = [
        Self::GradCam,
        Self::GradCamPlusPlus,
        Self::HiresCam,
        Self::XGradCam,
        Self::LayerCam,
        Self::FinerCam,
        Self::Cam,
        Self::Occlusion,
        Self::IntegratedGradients,
        Self::SmoothGrad,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Cam => "cam",
            Self::GradCam => "grad-cam",
            Self::GradCamPlusPlus => "grad-cam++",
            Self::HiresCam => "hires-cam",
            Self::XGradCam => "xgrad-cam",
            Self::LayerCam => "layer-cam",
            Self::FinerCam => "finer-cam",
            Self::Occlusion => "occlusion",
            Self::IntegratedGradients => "integrated-gradients",
            Self::SmoothGrad => "smooth-grad",
        }
    }

    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.name() == name)
    }

    /// It looks at a layer; the others look at the picture's pixels.
    pub const fn is_of_layer(self) -> bool {
        !matches!(self, Self::Occlusion | Self::IntegratedGradients | Self::SmoothGrad)
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.name())
    }
}
