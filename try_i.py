import numpy as np, keras, tensorflow as tf
import keras_siamese as ks
from keras_siamese.losses import *
from keras_siamese.metrics import *
from keras_siamese import evaluation as ev
cpu=tf.config.list_physical_devices('CPU')[0]
tf.config.set_logical_device_configuration(cpu,[tf.config.LogicalDeviceConfiguration()]*2)
S=tf.distribute.MirroredStrategy(['CPU:0','CPU:1'])
rng=np.random.default_rng(0)
y=rng.permutation(np.repeat(np.arange(1,17),4))
X=np.eye(17)[y].astype('float32')   # perfect embeddings
for where in ('one','two'):
    import contextlib
    with (S.scope() if where=='two' else contextlib.nullcontext()):
        e=keras.Sequential([keras.Input((17,)),keras.layers.Dense(17,kernel_initializer='identity')])
        e.compile('sgd',TripletLoss(),metrics=[RecallAtK(1,size=64),MeanAveragePrecision(size=64),RecallAtK(1,name='batchwise')])
    print(where,e.evaluate(X,y,verbose=0,batch_size=32,return_dict=True))
print('function',ev.recall_at_k(X,y,1))
with S.scope():
    e=keras.Sequential([keras.Input((17,)),keras.layers.Dense(4)])
    i=keras.Input((17,)); l=keras.Input((),dtype='int32')
    m=keras.Model([i,l],CrossBatchMemory(TripletLoss(),memory_size=50)([l,e(i)])); m.compile('sgd')
m.fit([X,y],batch_size=32,epochs=1,verbose=0)
x=m.layers[-1]
print([ (v.path,[np.asarray(c) if np.asarray(c).size<60 else np.asarray(c).sum() for c in v.value.values]) for v in (x.filled,x.labels,x.embeddings)])
